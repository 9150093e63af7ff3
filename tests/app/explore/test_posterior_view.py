"""Thirty bars stay readable: the first ones, the sum of the rest, and the forms of one disease as one sum."""

import model
from app_pages.explore.posterior_view import FIRST, posterior_html
from model.patient.phrases import percent
from model.priors.spectra import spectra

RASH = {"heliotrope_rash": "present", "gottron_papules": "present", "proximal_leg_weakness": "present"}


def view(net: model.Net, shown: int) -> str:
    return posterior_html(net.posterior(RASH), net.posterior({}), net.vocabulary, spectra(net.priors), shown=shown)


def test_the_rest_is_one_row_until_all_are_asked_for(shipped: model.Net) -> None:
    posterior = shipped.posterior(RASH)
    seen, _, rest = view(shipped, FIRST).partition("<tbody class='rest'>")
    count = len(posterior)
    assert seen.count("data-diagnosis") == FIRST and rest.count("data-diagnosis") == count - FIRST
    together = sum(sorted(posterior.values())[: count - FIRST])
    assert f"{count - FIRST} others together" in seen and f"<td>{percent(together)}</td>" in seen
    everything = view(shipped, count)
    assert "others together" not in everything and everything.count("data-diagnosis") == count


def test_the_forms_of_dermatomyositis_are_shown_as_one_sum(shipped: model.Net) -> None:
    posterior = shipped.posterior(RASH)
    forms = ("dermatomyositis", "amyopathic_dermatomyositis", "juvenile_dermatomyositis")
    assert spectra(shipped.priors) == {"Dermatomyositis, any form": forms}
    total = percent(sum(posterior[form] for form in forms))
    assert f"Dermatomyositis, any form <b>{total}</b>" in view(shipped, FIRST)
