"""Teaching how evidence changes probabilities, with the numbers of the network in use."""
