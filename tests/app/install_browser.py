"""Make sure that a Chromium is there for the browser tests; do nothing where one is.

Order: CHROMIUM in the environment, a Chromium or Chrome on the PATH, Playwright's own build, the
system's package manager (as root).
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

# The shell draws pages and nothing around them, for less work.
SHELL = "chromium-headless-shell"
NAMES = (SHELL, "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
APPLICATIONS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)


def find_chromium() -> str | None:
    """Path of a Chromium that can be started, or None."""
    candidates = [os.environ.get("CHROMIUM"), *map(shutil.which, NAMES), *APPLICATIONS, _playwrights_own()]
    return next((path for path in candidates if path and Path(path).exists()), None)


def _playwrights_own() -> str | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        return playwright.chromium.executable_path


def _run(*command: str) -> bool:
    print("+", " ".join(command), flush=True)
    return shutil.which(command[0]) is not None and subprocess.run(command, check=False).returncode == 0


def install() -> None:
    """Install a Chromium; exits with one sentence when nothing worked."""
    attempts: list[Callable[[], bool]] = [
        lambda: _run(sys.executable, "-m", "playwright", "install", "chromium"),
        lambda: _run("apt-get", "update") and _run("apt-get", "install", "-y", "--no-install-recommends", SHELL),
        lambda: _run("apt-get", "install", "-y", "--no-install-recommends", "chromium"),
    ]
    for attempt in attempts:
        if attempt() and find_chromium():
            return
    sys.exit("No Chromium could be installed; install one and set CHROMIUM to its path.")


if __name__ == "__main__":
    if find_chromium() is None:
        install()
    print("Browser for the tests:", find_chromium())
