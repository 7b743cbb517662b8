"""Witnesses: somebody elsewhere who signs each head of a log, and refuses one that forgets an earlier one."""
