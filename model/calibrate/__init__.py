"""The analyst's work on a folder of priors: look at its numbers, change them, tell two folders apart."""
