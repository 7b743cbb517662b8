"""The inspection: all parts put to work, and its answer made readable."""
