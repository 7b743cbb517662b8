"""The shop that every scenario shares: members, households, sessions, staff, keys, and its raw files."""
