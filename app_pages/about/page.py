"""Model: the network and its numbers, what disagrees, how it was checked, files to take away, the model card."""

from app_pages.about import card, checks, disagreements, network_drawn, take_away
from app_pages.shared.network import load_network
from app_pages.shared.parts import Parts, show_part

PARTS: Parts = {
    "network": ("Network and numbers", network_drawn.show),
    "disagreements": ("Sources and decisions", disagreements.show),
    "checks": ("Checks", checks.show),
    "files": ("Files and citation", take_away.show),
    "card": ("Model card", card.show),
}


def show() -> None:
    """The choice of a part, and the part chosen."""
    show_part("Show", PARTS, load_network(), "model", "part of the model")


if __name__ == "__main__":  # Streamlit runs a page as __main__
    show()
