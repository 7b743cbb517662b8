"""Responding: asking for reasons, keeping the answers, and whether reports were made in time."""
