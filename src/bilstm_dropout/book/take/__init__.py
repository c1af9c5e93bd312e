"""The book to take along: pages of the built site made into a PDF, an EPUB, and an archive of everything."""
