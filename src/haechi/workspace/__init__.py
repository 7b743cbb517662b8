"""The workspace: a folder with `haechi.toml`. Finding it, reading it, and drafting a first one."""
