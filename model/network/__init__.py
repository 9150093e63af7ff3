"""From numbers to one probability table a node."""
