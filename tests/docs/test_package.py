"""The wheel: what is installed answers as the checkout does, from any folder, with its own priors."""

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from zipfile import ZipFile

import pytest

import model
import myositis
from model.about import VERSION
from model.io.optional import needs
from model.priors.files import fingerprint
from tests.helpers.command_line import CASE, refusal, run, write_json
from tests.helpers.places import PROJECT, SMALL


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """pip fetches the build backend only where it is not installed."""
    folder = tmp_path_factory.mktemp("wheel")
    isolation = ["--no-build-isolation"] if find_spec("hatchling") else []
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", *isolation, "--wheel-dir", folder, PROJECT]
    subprocess.run(command, check=True, capture_output=True, cwd=folder)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def site(wheel: Path) -> Path:
    """The folder into which the wheel is unpacked, as pip does it."""
    folder = wheel.with_name("site")
    ZipFile(wheel).extractall(folder)
    return folder


def installed(site: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Python in `folder` with the wheel and no checkout; the dependencies are those of the tests."""
    environment = {**os.environ, "PYTHONPATH": str(site), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run([sys.executable, *arguments], cwd=folder, env=environment, capture_output=True, text=True)


def test_the_installed_command_gives_the_posterior_of_the_checkout(
    site: Path, tmp_path: Path, shipped: model.Net
) -> None:
    write_json(tmp_path / "case.json", CASE)
    done = installed(site, tmp_path, "-m", "myositis", "diagnose", "case.json", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout) == json.loads(run(tmp_path, "diagnose", "case.json", "--json").stdout)


@pytest.mark.parametrize("name", ["model", "myositis"])
def test_either_name_loads_the_priors_of_the_wheel(name: str, site: Path, tmp_path: Path, shipped: model.Net) -> None:
    text = f"import {name} as m; net = m.load(); print(net.priors.folder); print(net.posterior({{}}))"
    done = installed(site, tmp_path, "-c", text)
    assert done.stderr == ""
    folder, posterior = done.stdout.splitlines()
    assert Path(folder) == site / "model" / "shipped" / "priors"
    assert fingerprint(Path(folder)) == fingerprint(shipped.priors.folder)
    assert posterior == str(shipped.posterior({}))


def test_the_wheel_states_its_version_its_types_and_its_command(wheel: Path) -> None:
    with ZipFile(wheel) as content:
        (about,) = (name for name in content.namelist() if name.endswith(".dist-info/METADATA"))
        assert f"\nVersion: {VERSION}\n" in content.read(about).decode()
        commands = content.read(about.replace("METADATA", "entry_points.txt")).decode()
        assert "myositis = myositis.__main__:command" in commands
        assert {"model/py.typed", "myositis/py.typed", "model/report/fonts/DejaVuSans.ttf"} < set(content.namelist())


def test_both_names_are_one_package() -> None:
    assert myositis.__all__ == model.__all__
    assert all(getattr(myositis, name) is getattr(model, name) for name in model.__all__)
    assert model.__version__ == VERSION


def test_help_names_the_program_that_was_called(site: Path, tmp_path: Path) -> None:
    assert installed(site, tmp_path, "-m", "myositis", "--help").stdout.startswith("usage: myositis ")
    assert run(tmp_path, "--help").stdout.startswith("usage: python -m model ")


def test_another_package_called_model_is_named(site: Path, tmp_path: Path) -> None:
    (tmp_path / "model.py").write_text("")
    done = installed(site, tmp_path, "-c", "import myositis")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith(
        f"ImportError: myositis needs its own package 'model', but {tmp_path}"
    )


@pytest.mark.parametrize(
    ("package", "extra", "what", "arguments"),
    [
        ("pyarrow", "scale", "Parquet", "score cohort.parquet --out out.jsonl"),
        ("pyarrow", "scale", "Parquet", "simulate 3 --out out.parquet"),
        ("pyarrow", "scale", "Writing CSV", "simulate 3 --out out.csv"),
        ("distributed", "scale", "Work on a Dask cluster", "score cohort.jsonl --out out.jsonl --dask localhost:1"),
        ("pgmpy", "export", "This format", "export --format bif out.bif"),
    ],
)
def test_a_missing_extra_is_named_in_one_line(
    package: str, extra: str, what: str, arguments: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_json(tmp_path / "cohort.jsonl", CASE)
    (tmp_path / "cohort.parquet").write_bytes(b"PAR1")
    for name in [name for name in sys.modules if name.partition(".")[0] == package]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, package, None)
    message = f"error: {what} needs {package}: pip install 'myositis-network[{extra}]'\n"
    assert refusal(run(tmp_path, *arguments.split(), "--priors", str(SMALL))) == message


def test_a_fault_inside_an_optional_package_is_not_hidden() -> None:
    with pytest.raises(ModuleNotFoundError, match="another"), needs("pyarrow", "scale", "Parquet"):
        raise ModuleNotFoundError("no module named another", name="another")
