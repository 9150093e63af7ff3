"""How good are the probabilities: discrimination, calibration, usefulness of decisions, with their uncertainty."""
