"""Where the tests find the project and their data."""

from pathlib import Path

PROJECT = Path(__file__).parents[2]
DATA = PROJECT / "tests" / "data"
SMALL = DATA / "small_priors"
EXCHANGE = DATA / "exchange"
PUBLISHED = PROJECT / "cases" / "published.jsonl"
PATIENTS = sum(1 for line in PUBLISHED.read_text(encoding="utf-8").splitlines() if line.strip())
"""How many published patients there are."""
