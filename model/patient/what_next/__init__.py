"""Which procedure to do next: the value of information."""
