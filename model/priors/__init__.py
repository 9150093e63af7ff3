"""Reads a folder of priors: tables, vocabulary, numbers with their sources, published rates."""
