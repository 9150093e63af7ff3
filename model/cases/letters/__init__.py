"""Findings from a letter in English, by rules: nothing leaves the machine, and nothing is entered by itself."""

from model.cases.letters.reader import Letter, Span, read_letter

__all__ = ["Letter", "Span", "read_letter"]
