"""What training takes: by placement, by how many processes work at once, and on a GPU."""
