"""Reads the folder of priors: tables, vocabulary, numbers with their sources, published figures."""
