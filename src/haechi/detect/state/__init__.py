"""What is carried from day to day, so that a day's inspection costs the day: docs/state.md."""
