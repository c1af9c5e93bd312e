"""What a reader sees: chapters' vocabulary, generated pages, and the strict build."""
