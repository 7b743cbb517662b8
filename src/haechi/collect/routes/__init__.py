"""Routes: which page a request asked for, which personal data that page shows, and whose."""
