"""The command line: one module for each verb. `main` holds the way in and what every error becomes."""
