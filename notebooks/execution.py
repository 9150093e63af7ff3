"""Running a notebook from its first cell to its last, as a reader would."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import nbformat
from nbclient import NotebookClient
from traitlets.config import Config

FOLDER = Path(__file__).resolve().parent
PATIENCE = 1800


def names(chosen: Sequence[str] = ()) -> list[Path]:
    """The notebooks of this folder, or those of them that are named."""
    return [path for path in sorted(FOLDER.glob("*.ipynb")) if not chosen or path.name in chosen]


def read(path: Path) -> Any:
    """A notebook as nbformat reads it."""
    return nbformat.read(path, as_version=4)


def executed(notebook: Any) -> Any:
    """A copy that was run in a fresh kernel in the project's folder; its outputs are those of this run.

    Raises nbclient's CellExecutionError at the first cell that raises. Times and the version of Python are left
    out, so that a run which prints the same writes the same file.
    """
    fresh = nbformat.from_dict(notebook)
    with TemporaryDirectory() as sockets:
        NotebookClient(
            fresh,
            kernel_name="python3",
            timeout=PATIENCE,
            startup_timeout=PATIENCE,
            coalesce_streams=True,
            resources={"metadata": {"path": str(FOLDER.parent)}},
            config=Config(KernelManager={"transport": "ipc", "ip": f"{sockets}/kernel"}),
        ).execute()
    for cell in fresh.cells:
        cell.metadata.pop("execution", None)
    fresh.metadata["language_info"] = {"name": "python"}
    return fresh


def written(notebook: Any) -> str:
    """The text of the file."""
    return nbformat.writes(notebook) + "\n"


def outputs(notebook: Any) -> list[list[str]]:
    """What each code cell prints and shows, as plain text."""
    return [[_text(output) for output in cell.outputs] for cell in notebook.cells if cell.cell_type == "code"]


def _text(output: Any) -> str:
    return output.text if output.output_type == "stream" else output.data.get("text/plain", "")
