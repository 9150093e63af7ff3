"""Peak memory of scoring a cohort, in a process of its own: python -m benchmarks.memory PATIENTS [PRIORS]."""

import resource
import subprocess
import sys
from pathlib import Path


def measured(patients: int, priors: str | None) -> tuple[int, int]:
    """Bytes that scoring adds to the peak of a fresh process, and the peak of the whole process."""
    command = [sys.executable, "-m", "benchmarks.memory", str(patients), *([priors] if priors else [])]
    before, after = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.split()
    return int(after) - int(before), int(after)


def peak() -> int:
    """Peak resident memory of this process in bytes.

    On Linux not from getrusage, which counts the process that started this one too.
    """
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _main() -> None:
    import model
    from benchmarks.patients import FINDINGS, SEED, cohort
    from model.cases.score import score

    net = model.load(sys.argv[2] if len(sys.argv) > 2 else None)
    many = cohort(net, int(sys.argv[1]), FINDINGS, SEED)
    before = peak()
    score(net, many)
    print(before, peak())


if __name__ == "__main__":
    _main()
