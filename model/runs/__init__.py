"""Cohorts larger than memory, scored in partitions that can stop, go on, and run on many machines."""
