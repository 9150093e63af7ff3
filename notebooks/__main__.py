"""`python -m notebooks [NAME ...]` runs the notebooks, all or those named, and keeps what they print."""

import sys
from pathlib import Path

from notebooks.execution import executed, names, read, written

if __name__ == "__main__":
    for path in names(sys.argv[1:]):
        path.write_text(written(executed(read(path))), encoding="utf-8")
        print(Path(path).name)
