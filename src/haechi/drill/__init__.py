"""Drills: a made-up world with a real incident played in it, inspected like any other, and scored."""
