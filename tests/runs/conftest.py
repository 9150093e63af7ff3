"""An imagined cohort as a CSV file."""

from pathlib import Path
from shutil import copy

import pytest

import model
from model.cases.files.write import write_parts
from model.cases.imagine import Imagined, columns, imagine
from tests.helpers.runs import PATIENTS


@pytest.fixture(scope="session")
def imagined(small: model.Net, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("imagined") / "cohort.csv"
    write_parts(path, [columns(part, small) for part in imagine(small, Imagined(PATIENTS, 1, without_diagnosis=0.5))])
    return path


@pytest.fixture
def cohort(imagined: Path, tmp_path: Path) -> Path:
    return Path(copy(imagined, tmp_path))
