"""The evidence log: canonical bytes, Merkle trees, tiles and checkpoints. Knows bytes, not access records."""
