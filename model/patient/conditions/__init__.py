"""The one language of conditions: how one is written, what it is made of, and whether it is true of a patient."""
