"""The command line of the benchmarks."""

import argparse
import json
import os
import platform
from importlib.metadata import version
from pathlib import Path

import numpy as np

import model
from benchmarks import answers, batch, inference, start
from benchmarks.report import Line, table
from tests.helpers.peers import pyagrum
from tests.helpers.places import SMALL

PARTS = ("inference", "answers", "batch", "networks", "scale", "start", "toggle", "calibration", "letters")


def main() -> None:
    """Measure the parts asked for (all by default) and print one table each."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Ratios against peers, with targets.")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"any of {', '.join(PARTS)}; all if none is named")
    parser.add_argument("--quick", action="store_true", help="fewer repetitions and smaller cohorts")
    parser.add_argument("--json", metavar="FILE", type=Path, help="also write the figures to FILE")
    parser.add_argument("--priors", metavar="DIR", help="another folder of priors")
    arguments = parser.parse_args()
    unknown = [part for part in arguments.parts if part not in PARTS]
    if unknown:
        parser.error(f"{unknown[0]!r} is not one of {', '.join(PARTS)}")
    print(json.dumps(machine()))
    measured: dict[str, list[Line]] = {}
    for part in arguments.parts or PARTS:
        lines = measure(part, arguments.quick, arguments.priors)
        if lines:
            measured[part] = lines
            print(f"\n{part}\n{table(lines)}", flush=True)
    if arguments.json:
        figures = {part: [line.as_json() for line in lines] for part, lines in measured.items()}
        arguments.json.write_text(json.dumps({"machine": machine(), **figures}, indent=1), encoding="utf-8")


def measure(part: str, quick: bool, priors: str | None) -> list[Line]:
    """The lines of one part. The page in a real browser is imported only where it is asked for."""
    if part == "start":
        return start.run(quick, priors)
    if part == "toggle":
        from benchmarks import toggle

        return toggle.run(10 if quick else 40)
    if part == "networks":
        from benchmarks import networks

        return networks.run(quick)
    if part == "letters":
        from benchmarks import letters

        print(f"\nletters\n{letters.run()}", flush=True)
        return []
    if part == "calibration":
        from benchmarks import calibration

        return calibration.run(model.load(priors or SMALL), quick)
    net = model.load(priors)
    if part == "answers":
        return answers.run(net, quick)
    if part == "scale":
        from benchmarks import scale

        return scale.run(net, quick, priors)
    return batch.run(net, quick, priors) if part == "batch" else inference.run(net, quick)


def machine() -> dict[str, object]:
    """What the figures depend on. Our inference runs in one thread, but for matrix products in BLAS."""
    blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    return {
        "machine": platform.machine(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "blas": f"{blas['name']} {blas['version']}, threads: {os.environ.get('OPENBLAS_NUM_THREADS', 'all cores')}",
        "pyagrum": f"{version('pyagrum')}, threads: {pyagrum.getNumberOfThreads()}",
        "pgmpy": version("pgmpy"),
    }


if __name__ == "__main__":
    main()
