"""Where the tests find the project and their data."""

from pathlib import Path

PROJECT = Path(__file__).parents[2]
DATA = PROJECT / "tests" / "data"
SMALL = DATA / "small_priors"
EXCHANGE = DATA / "exchange"
PUBLISHED = PROJECT / "cases" / "published.jsonl"
