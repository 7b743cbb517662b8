"""The inspection report as a document: one HTML file, and a tagged PDF/A with the same content."""
