"""Diagnoses that are one disease in several forms: shown apart and as one sum, and measured both ways."""

from model.priors.folder import Priors, once


@once
def spectra(priors: Priors) -> dict[str, tuple[str, ...]]:
    """Label -> the diagnoses of the spectrum; none where the folder has no such table."""
    return {row["label"]: row.words("diagnoses") for row in priors.tables["vocabulary/spectra"]}
