"""From a case to the exact answer: whose data, which fields, how often, and what cannot be known."""
