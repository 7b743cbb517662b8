"""Others' programs beside Haechi, on the same file in the same run."""
