"""The one language of conditions: its grammar, its syntax tree, and its evaluation for a patient."""
