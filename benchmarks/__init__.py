"""How fast Haechi is, and how much it needs. `python -m benchmarks` runs the suite; README.md tells of the rest."""
