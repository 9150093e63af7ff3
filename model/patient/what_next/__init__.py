"""Which procedure to do next: value of information."""
