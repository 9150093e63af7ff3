"""What to keep of a patient: one record of all answers, as a web page, on paper, as JSON."""
