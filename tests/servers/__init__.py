"""Real servers for tests and demos: each starts on the loopback, on a free port, and is stopped by its own pid."""
