"""One module for each kind of question whether a way in is dead."""
