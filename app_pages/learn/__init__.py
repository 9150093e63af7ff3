"""The four parts of the page Learn."""
