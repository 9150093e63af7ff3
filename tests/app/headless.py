"""A page run without a browser."""

from streamlit.testing.v1 import AppTest


def calm(page: AppTest) -> AppTest:
    """The page itself, after a look that nothing was raised."""
    assert not page.exception, page.exception
    return page


def html(page: AppTest) -> str:
    """All HTML that a page has drawn."""
    return "\n".join(element.proto.body for element in page.get("html"))
