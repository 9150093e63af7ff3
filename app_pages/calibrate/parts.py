"""The parts of the page Calibrate; only the one that is shown computes."""

from collections.abc import Callable, Mapping

from app_pages.calibrate import fitting, versions
from app_pages.calibrate.measure import measuring
from app_pages.calibrate.numbers import numbers_table
from app_pages.calibrate.sensitivity import sensitivity
from model import Net

PARTS: Mapping[str, tuple[str, Callable[[Net], None]]] = {
    "numbers": ("Numbers", numbers_table.show),
    "sensitivity": ("Sensitivity", sensitivity.show),
    "fit": ("Fit", fitting.show),
    "measure": ("Measure", measuring.show),
    "versions": ("Versions", versions.show),
}
