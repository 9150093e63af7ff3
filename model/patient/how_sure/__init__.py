"""How sure is the posterior: credible intervals, conflict between findings, surprise."""
