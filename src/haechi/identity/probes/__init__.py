"""One module for each way of asking a real system whether a way in is dead."""
