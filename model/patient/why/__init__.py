"""Why this answer: weights of evidence, paths, comparison of two patients."""
