"""The tables, the value types and the words that every other part shares. Imports nothing of the rest."""
