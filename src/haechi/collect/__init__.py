"""From files that others wrote to committed batches: open, frame, recognise, normalise, account for every line."""
