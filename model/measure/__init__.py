"""How good the probabilities are: discrimination, calibration, usefulness for decisions; and the audit."""
