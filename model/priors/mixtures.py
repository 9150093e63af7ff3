"""Published rates of diseases that are parts of a diagnosis, joined to a rate of the diagnosis or of one of its forms.

A study of McArdle disease says nothing of metabolic myopathy as a whole. With the share of each disease in
`mixtures.csv` the studies of its parts together do, if they cover most of it.
"""

from collections.abc import Iterable, Mapping, Sequence

from model.priors.folder import Priors
from model.priors.published import PublishedRate
from model.priors.tables import Row

TABLE = "mixtures"
FORM = "mimic_form"
LEAST_COVERED = 0.6
"""Share of the patients of a diagnosis or form whose disease must have a published rate."""


def mixture_rates(priors: Priors, rates: Iterable[PublishedRate]) -> tuple[PublishedRate, ...]:
    """The rates of mixed diagnoses that the published rates of their diseases give, by finding and state.

    A finding that depends on the form has a rate for each form, any other one for the whole diagnosis. Studies of one
    disease are pooled by their patients; a rate without a number of patients is not used. `n` of the result is the
    sample size whose binomial variance is that of the mixture.
    """
    diseases: dict[str, list[Row]] = {}
    for row in priors.tables[TABLE]:
        diseases.setdefault(row["diagnosis"], []).append(row)
    grouped: dict[tuple[object, ...], list[tuple[Row, PublishedRate]]] = {}
    for rate in rates:
        parts = diseases.get(rate.diagnoses[0], []) if len(rate.diagnoses) == 1 else []
        disease = _named(parts, rate.row["population"])
        if disease is None or not rate.n:
            continue
        form = disease["form"] if FORM in priors.parents[rate.finding] else ""
        key = (rate.diagnoses, form, rate.finding, rate.states, tuple(sorted(rate.given.items())))
        grouped.setdefault(key, []).append((disease, rate))
    mixed = (_mixed(found, diseases[found[0][1].diagnoses[0]], str(key[1])) for key, found in grouped.items())
    return tuple(rate for rate in mixed if rate)


def _named(parts: Sequence[Row], population: str) -> Row | None:
    """The disease of a diagnosis that the description of a study names; the first one named."""
    text = population.lower()
    places = [
        (text.find(word.lower()), row) for row in parts for word in row.words("named", "|") if word.lower() in text
    ]
    return min(places, key=lambda place: place[0])[1] if places else None


def _mixed(found: Sequence[tuple[Row, PublishedRate]], parts: Sequence[Row], form: str) -> PublishedRate | None:
    """The mixture of the rates found, or None if their diseases are too small a part."""
    whole = sum(float(row["percent"]) for row in parts if not form or row["form"] == form)
    studies: dict[str, list[PublishedRate]] = {}
    shares: dict[str, float] = {}
    for disease, rate in found:
        studies.setdefault(disease["disease"], []).append(rate)
        shares[disease["disease"]] = float(disease["percent"])
    covered = sum(shares.values())
    if covered < LEAST_COVERED * whole:
        return None
    percent, inverse = 0.0, 0.0
    for name, of_disease in studies.items():
        weight, patients = shares[name] / covered, sum(rate.n or 0 for rate in of_disease)
        percent += weight * sum(rate.percent * (rate.n or 0) for rate in of_disease) / patients
        inverse += weight**2 / patients
    rates = [rate for _, rate in found]
    given: Mapping[str, tuple[str, ...]] = {**rates[0].given, **({FORM: (form,)} if form else {})}
    cells = {
        **rates[0].row.cells,
        "population": "; ".join(dict.fromkeys(disease["disease"] for disease, _ in found)),
        "source": ";".join(dict.fromkeys(rate.row["source"] for rate in rates)),
        "given": ";".join(f"{name}={'|'.join(states)}" for name, states in given.items()),
        "percent": f"{percent:.4g}",
        "left_out": "",
    }
    row = Row(rates[0].row.file, rates[0].row.line, cells)
    return PublishedRate(
        rates[0].finding, rates[0].states, rates[0].diagnoses, given, percent, 1 / inverse, None, None, "", row
    )
