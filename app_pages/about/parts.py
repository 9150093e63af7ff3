"""The parts of the page Model; only the one that is shown computes."""

from collections.abc import Callable, Mapping

from app_pages.about import card, checks, disagreements, network_drawn, take_away
from model import Net

PARTS: Mapping[str, tuple[str, Callable[[Net], None]]] = {
    "network": ("Network and numbers", network_drawn.show),
    "disagreements": ("Sources and decisions", disagreements.show),
    "checks": ("Checks", checks.show),
    "files": ("Files and citation", take_away.show),
    "card": ("Model card", card.show),
}
