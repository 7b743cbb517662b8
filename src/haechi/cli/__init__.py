"""The command line: one module for each verb. `start` is where it begins, `main` the app and its errors."""
