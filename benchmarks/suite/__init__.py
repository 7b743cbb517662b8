"""The suite: one world at several sizes, each step a process of its own, and what it took."""
