"""How sure is the answer: credible intervals, conflict, surprise."""
