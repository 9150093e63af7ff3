"""To come."""

from model import Net


def show(net: Net) -> None:
    """To come."""
