"""How much the tests try: enough for every change by default, far more with `make thorough`."""

import os

THOROUGH = os.environ.get("THOROUGH") == "1"
EXAMPLES = 300 if THOROUGH else 10
"""Of each property, by hypothesis."""
