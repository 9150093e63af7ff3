"""What the tests share: the shipped network and a small one of three diagnoses and ten findings."""

from pathlib import Path
from shutil import copytree

import pytest

import model

SMALL = Path(__file__).parent / "small_priors"


@pytest.fixture(scope="session")
def small() -> model.Net:
    return model.load(SMALL)


@pytest.fixture(scope="session")
def shipped() -> model.Net:
    return model.load()


@pytest.fixture(scope="session")
def strict_priors(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small priors with three signs that belong to one disease only, so that findings can conflict."""
    folder = copytree(SMALL, tmp_path_factory.mktemp("strict") / "priors")
    table = folder / "rates" / "all.csv"
    text = table.read_text()
    for start in (
        "heliotrope_rash,present,any,,1,",
        "v_sign,present,any,,2,",
        "finger_flexor_weakness,present,any,,2,",
    ):
        assert text.count(start) == 1
        text = text.replace(start, start[:-2] + "0,")
    table.write_text(text)
    return folder


@pytest.fixture(scope="session")
def strict(strict_priors: Path) -> model.Net:
    return model.load(strict_priors)
