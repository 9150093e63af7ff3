"""A Streamlit script on a free loopback port, and a real Chromium to look at it."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Literal
from urllib.error import URLError
from urllib.request import urlopen

from playwright.sync_api import BrowserContext, Page, ViewportSize, expect, sync_playwright

from tests.app.install_browser import find_chromium
from tests.helpers import patience
from tests.helpers.places import PROJECT

WIDE: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 390, "height": 844}
Scheme = Literal["light", "dark"]
SCREENS: list[tuple[ViewportSize, Scheme]] = [(size, scheme) for size in (WIDE, PHONE) for scheme in ("light", "dark")]
# Moving pictures are drawn anew for each frame, and what fades in cannot be read yet.
STILL = """addEventListener("DOMContentLoaded", () => document.head.append(Object.assign(
  document.createElement("style"), {textContent: "*, *::before, *::after { animation: none !important; " +
  "transition: none !important; }"})))"""
# Tabs of one site share a process, and so the scripts that it has compiled.
CHROMIUM_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run",
                  "--process-per-site"]  # fmt: skip


@contextmanager
def serve(script: Path, environment: Mapping[str, str] | None = None) -> Iterator[str]:
    """Run `streamlit run script` while the context is open; gives the address of its page."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", str(script), "--server.address=127.0.0.1",
               f"--server.port={port}", "--server.headless=true", "--server.fileWatcherType=none"]  # fmt: skip
    variables = {**os.environ, "PYTHONPATH": str(PROJECT), **(environment or {})}
    process = subprocess.Popen(
        command, cwd=script.parent, env=variables, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _wait_until_healthy(f"http://127.0.0.1:{port}", process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=patience.SECONDS)


def _wait_until_healthy(address: str, process: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + patience.SECONDS
    while time.monotonic() < end:
        if process.poll() is not None:
            raise RuntimeError(f"the server stopped with exit code {process.returncode}")
        try:
            with urlopen(f"{address}/_stcore/health", timeout=2):
                return
        except (URLError, OSError):
            time.sleep(0.1)
    raise RuntimeError(f"no answer from {address} in {patience.SECONDS} s")


@contextmanager
def chromium() -> Iterator[BrowserContext]:
    """A headless Chromium that holds still: all its tabs share what is loaded once, and nothing moves in them."""
    path = find_chromium()
    expect.set_options(timeout=patience.MILLISECONDS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS, timeout=patience.MILLISECONDS)
        try:
            context = browser.new_context(reduced_motion="reduce")
            context.add_init_script(STILL)
            context.set_default_timeout(patience.MILLISECONDS)
            _keep_process(context)
            yield context
        finally:
            browser.close()


def _keep_process(context: BrowserContext) -> None:
    """Hold a tab of the site open, so that its process outlives the tab of each test; nobody is asked for it."""
    held = context.new_page()
    held.route("**", lambda route: route.fulfill(body=""))
    held.goto("http://127.0.0.1/")


def new_page(browser: BrowserContext, size: ViewportSize = WIDE, scheme: Scheme = "light") -> Page:
    """A tab of this size, in light or dark."""
    page = browser.new_page()
    page.set_viewport_size(size)
    page.emulate_media(color_scheme=scheme)
    return page
