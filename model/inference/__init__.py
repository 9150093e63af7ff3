"""From tables and findings to probabilities: the junction tree, messages, draws, the network by name."""
