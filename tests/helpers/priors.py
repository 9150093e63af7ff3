"""Priors in which one table is another, without a folder on the disk."""

from dataclasses import replace

from model.priors.checked import Tables
from model.priors.folder import Priors


def with_table(priors: Priors, name: str, text: str) -> Priors:
    """The priors as if the file `name` of their folder held the text."""
    files = replace(priors.files, contents={**priors.files.contents, name: text.encode()})
    return replace(priors, tables=Tables(files))
