"""Text sets: files of sentences, read, checked, split and numbered."""
