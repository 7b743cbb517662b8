"""Who could still get in: accounts, rights and secrets as intervals with evidence, and probes of real systems."""
