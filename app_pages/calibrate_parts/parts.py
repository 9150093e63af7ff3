"""The parts of the page Calibrate; only the one that is shown computes."""

from collections.abc import Callable, Mapping

from app_pages.calibrate_parts import fitting, measuring, numbers_table, sensitivity, versions
from model import Net

PARTS: Mapping[str, tuple[str, Callable[[Net], None]]] = {
    "numbers": ("Numbers", numbers_table.show),
    "sensitivity": ("Sensitivity", sensitivity.show),
    "fit": ("Fit", fitting.show),
    "measure": ("Measure", measuring.show),
    "versions": ("Versions", versions.show),
}
