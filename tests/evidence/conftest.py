"""Hypothesis measures no deadlines here: other tests run on the same cores."""

from hypothesis import settings

settings.register_profile("no deadline", deadline=None)
settings.load_profile("no deadline")
