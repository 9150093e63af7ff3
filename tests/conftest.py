"""What the tests share: the shipped network, a small one of three diagnoses and ten findings, the app in a browser."""

import re
from collections.abc import Iterator
from pathlib import Path
from shutil import copytree
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

import model
from tests.helpers.places import SMALL

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, ConsoleMessage, Page


# A busy machine may be late: what is slow is no fault here, speed is measured in benchmarks/. With every change the
# same examples are tried, so that what fails was broken by the change; the thorough run looks for others.
settings.register_profile(
    "every change",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    max_examples=25,
    derandomize=True,
)
settings.register_profile("thorough", settings.get_profile("every change"), max_examples=300, derandomize=False)
settings.load_profile("every change")


@pytest.fixture(scope="session")
def small() -> model.Net:
    return model.load(SMALL)


@pytest.fixture(scope="session")
def shipped() -> model.Net:
    return model.load()


@pytest.fixture(scope="session")
def strict_priors(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small priors with three signs that belong to one disease only, so that findings can conflict."""
    folder = copytree(SMALL, tmp_path_factory.mktemp("strict") / "priors")
    table = folder / "rates" / "all.csv"
    text = table.read_text()
    for start in (
        "heliotrope_rash,present,any,,1,",
        "v_sign,present,any,,2,",
        "finger_flexor_weakness,present,any,,2,",
    ):
        assert text.count(start) == 1
        text = text.replace(start, start[:-2] + "0,")
    table.write_text(text)
    return folder


@pytest.fixture(scope="session")
def strict(strict_priors: Path) -> model.Net:
    return model.load(strict_priors)


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    from tests.app.page_server import serve
    from tests.helpers.places import PROJECT

    with serve(PROJECT / "app.py", {"MYOSITIS_PRIORS": ""}) as address:
        yield address


@pytest.fixture(scope="session")
def browser() -> Iterator["BrowserContext"]:
    from tests.app.page_server import chromium

    with chromium() as browser:
        yield browser


@pytest.fixture
def tab(browser: "BrowserContext") -> Iterator["Page"]:
    """A new tab that must ask nobody but this machine, and complain of nothing."""
    from tests.app.page_server import new_page

    page = new_page(browser)
    asked: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text) if complains(message) else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    page.close()
    assert [url for url in asked if not re.match(r"(https?|wss?)://127\.0\.0\.1[:/]|data:|blob:", url)] == []
    assert complaints == []


def complains(message: "ConsoleMessage") -> bool:
    """An error; but for Streamlit's two questions below the address of a page, to which it answers 404 by design."""
    asked_below_a_page = re.search(r"/\w+/_stcore/(health|host-config)$", message.location["url"])
    return message.type == "error" and not asked_below_a_page
