"""Haechi: who takes personal data out of an organisation's systems, whose data, and which fields."""

__version__ = "0.1.0"
