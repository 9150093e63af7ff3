"""Small faults in one module, tried against a few tests: `python tests/mutants.py model/estimate.py tests/priors`.

mutmut reads its settings from pyproject.toml alone, so it runs in a copy of the project with other settings.
"""

import re
import subprocess
import sys
from pathlib import Path
from shutil import copytree, ignore_patterns
from tempfile import TemporaryDirectory

PROJECT = Path(__file__).parents[1]
MUTMUT = [sys.executable, "-m", "mutmut"]


def main(module: str, tests: list[str]) -> None:
    """Run mutmut on one module with these tests, and print the faults that none of them notices."""
    with TemporaryDirectory() as folder:
        copy = copytree(PROJECT, Path(folder) / "project", ignore=ignore_patterns(".*", "mutants", "__pycache__"))
        settings = (copy / "pyproject.toml").read_text(encoding="utf-8")
        for key, values in (("only_mutate", [module]), ("pytest_add_cli_args_test_selection", tests)):
            settings, found = re.subn(rf"(?s)^{key} = \[.*?^\]", f"{key} = {values}", settings, flags=re.MULTILINE)
            assert found == 1, f"[tool.mutmut] of pyproject.toml has no list {key}"
        (copy / "pyproject.toml").write_text(settings, encoding="utf-8")
        subprocess.run([*MUTMUT, "run"], cwd=copy, check=True)
        results = subprocess.run([*MUTMUT, "results"], cwd=copy, check=True, capture_output=True, text=True).stdout
        print(results)
        for fault in re.findall(r"(\S+): survived", results):
            subprocess.run([*MUTMUT, "show", fault], cwd=copy, check=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
