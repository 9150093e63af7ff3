"""Imports run one way: screens -> model -> priors, and inside the model up one ladder."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]
LADDER = (
    "errors",
    "estimate",
    "about",
    "priors",
    "io",
    "network",
    "inference",
    "cases",
    "patient",
    "learn",
    "report",
    "calibrate",
    "fit",
    "measure",
    "runs",
    "commands",
)
"""The rooms of `model/`; each may import those before it."""
FRONT_DOORS = {("model/inference/net.py", "patient"), ("model/patient/patient.py", "report")}
"""`net.patient` opens every answer about one patient, `patient.report` writes them; both import inside functions."""
SCREENS = ("streamlit", "altair", "app_pages", "app")


def modules(folder: str) -> list[Path]:
    return sorted((PROJECT / folder).rglob("*.py"))


def imports(path: Path) -> Iterator[tuple[str, bool]]:
    """Each module that a file imports by its full name, and whether inside a function or for types only."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    inside = {n for f in ast.walk(tree) if isinstance(f, ast.FunctionDef) or _for_types(f) for n in ast.walk(f)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node in inside) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}: relative imports hide the room"
            # The last word may be a function: only the first two words say the room.
            yield from ((f"{node.module}.{alias.name}", node in inside) for alias in node.names)


def _for_types(node: ast.AST) -> bool:
    """A block that only the type checker reads."""
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def name(path: Path) -> str:
    return path.relative_to(PROJECT).as_posix()


def test_every_room_of_the_model_has_its_rung() -> None:
    rooms = {path.relative_to(PROJECT / "model").parts[0].removesuffix(".py") for path in modules("model")}
    assert rooms - {"__init__", "__main__"} == set(LADDER)


@pytest.mark.parametrize("room", LADDER)
def test_a_room_of_the_model_imports_only_rooms_below_it(room: str) -> None:
    files = modules(f"model/{room}") or [PROJECT / "model" / f"{room}.py"]
    allowed = LADDER[: LADDER.index(room) + 1]
    wrong = []
    for path in files:
        for imported, inside in imports(path):
            top, _, rest = imported.partition(".")
            if top != "model":
                continue
            target = rest.split(".")[0]
            a_door = (name(path), target) in FRONT_DOORS and inside
            if target not in allowed and not a_door:
                wrong.append(f"{name(path)} imports {imported}")
    assert not wrong


def test_the_model_knows_nothing_of_screens() -> None:
    wrong = [
        f"{name(path)} imports {imported}"
        for path in modules("model")
        for imported, _ in imports(path)
        if imported.split(".")[0] in SCREENS
    ]
    assert not wrong


def test_the_model_and_its_screens_know_nothing_of_tests_and_benchmarks() -> None:
    wrong = [
        f"{name(path)} imports {imported}"
        for path in (*modules("model"), *modules("app_pages"))
        for imported, _ in imports(path)
        if imported.split(".")[0] in ("tests", "benchmarks")
    ]
    assert not wrong


def test_a_page_imports_only_its_own_folder_and_what_pages_share() -> None:
    wrong = []
    for path in modules("app_pages"):
        page = path.relative_to(PROJECT / "app_pages").parts[0]
        for imported, _ in imports(path):
            words = imported.split(".")
            if words[0] == "app_pages" and words[1] not in (page, "shared"):
                wrong.append(f"{name(path)} imports {imported}")
    assert not wrong
