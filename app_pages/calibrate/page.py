"""Calibrate: look at every number, change it, see what depends on it, fit it to a cohort, measure the answers."""

from app_pages.calibrate import fitting, versions
from app_pages.calibrate.measure import measuring
from app_pages.calibrate.numbers import numbers_table
from app_pages.calibrate.sensitivity import sensitivity
from app_pages.shared.case_state import open_case
from app_pages.shared.network import load_network
from app_pages.shared.notice import show_notice
from app_pages.shared.parts import Parts, show_part

PARTS: Parts = {
    "numbers": ("Edit numbers", numbers_table.show),
    "sensitivity": ("Sensitivity", sensitivity.show),
    "fit": ("Fit to a cohort", fitting.show),
    "measure": ("Measure", measuring.show),
    "versions": ("Saved priors", versions.show),
}


def show() -> None:
    """The choice of a part, and the part chosen."""
    net = load_network()
    fault = open_case(net.vocabulary)
    if fault:
        show_notice(fault)
    show_part("What do you want to do?", PARTS, net, "calibrate", "part of calibrate")


if __name__ == "__main__":  # Streamlit runs a page as __main__
    show()
