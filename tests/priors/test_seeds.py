"""What the two seed documents state, the network implies."""

import csv
from collections.abc import Iterator

import pytest

import model
from model.priors.folder import SHIPPED

CLAIMS = SHIPPED / "seeds" / "claims.csv"
KINDS = ("number", "order", "rule", "not_probability")


def claims() -> Iterator[dict[str, str]]:
    with CLAIMS.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def implied_percent(net: model.Net, claim: dict[str, str]) -> float:
    """Percent of patients with the claimed states among those whom the claim describes."""
    evidence: dict[str, object] = {"setting": claim["setting"]} if claim["setting"] else {}
    if claim["diagnosis"]:
        evidence["diagnosis"] = claim["diagnosis"].split("|")
    for condition in filter(None, claim["given"].split(";")):
        name, states = condition.split("=")
        evidence[name] = states.split("|")
    marginal = net.marginal(claim["node"], evidence)
    return 100 * sum(marginal[state] for state in claim["state"].split("|"))


@pytest.mark.parametrize("claim", [c for c in claims() if c["kind"] in ("number", "order")], ids=lambda c: c["claim"])
def test_the_network_implies_what_the_seed_states(shipped: model.Net, claim: dict[str, str]) -> None:
    implied = implied_percent(shipped, claim)
    low = float(claim["low"]) if claim["comparison"] in ("=", ">=") else 0.0
    high = float(claim["high"]) if claim["comparison"] in ("=", "<=") else 100.0
    assert low - 1e-9 <= implied <= high + 1e-9, claim["statement"]


def test_every_claim_has_a_place_and_says_where_it_went_or_why_not() -> None:
    seen = set()
    for claim in claims():
        assert claim["kind"] in KINDS
        assert claim["locator"] and claim["statement"]
        assert claim["goes_to"] or (claim["kind"] == "not_probability" and claim["note"])
        assert claim["claim"] not in seen
        seen.add(claim["claim"])
    assert len(seen) >= 120


@pytest.mark.parametrize(("antibody", "percent"), [("mi2", 10), ("tif1g", 20), ("nxp2", 15), ("mda5", 15), ("sae", 5)])
def test_table_1_holds_exactly_for_dermatomyositis_as_a_whole(
    shipped: model.Net, antibody: str, percent: float
) -> None:
    whole = ["dermatomyositis", "amyopathic_dermatomyositis"]
    marginal = shipped.marginal("autoantibody", {"diagnosis": whole, "setting": "myositis_centre"})
    assert 100 * marginal[antibody] == pytest.approx(percent, abs=0.01)
