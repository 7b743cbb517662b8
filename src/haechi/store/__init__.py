"""Batches, the commit protocol, the log as catalog, and the engine that queries them."""
