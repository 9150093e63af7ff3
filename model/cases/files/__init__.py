"""Many patients read from files as they come, mapped to the vocabulary, in chunks of bounded memory."""
