"""What the tests share: the shipped network and a small one of three diagnoses and ten findings."""

from pathlib import Path

import pytest

import model

SMALL = Path(__file__).parent / "small_priors"


@pytest.fixture(scope="session")
def small() -> model.Net:
    return model.load(SMALL)


@pytest.fixture(scope="session")
def shipped() -> model.Net:
    return model.load()
