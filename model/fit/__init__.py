"""Change the numbers by a cohort: expected counts, their maximum, how sure it is."""
