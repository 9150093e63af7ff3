"""Work on cohorts larger than memory, in partitions: it can be interrupted, resumed and shared by machines."""
