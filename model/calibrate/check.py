"""Check a whole folder of priors: every table against the schema, and by the code that reads it."""

from collections.abc import Callable, Mapping, Sized

from model.cases.exchange.codes import read_exchange
from model.cases.missing_patterns import patterns
from model.inference.net import Net
from model.learn.examples import one_finding_examples, steps_examples
from model.learn.trap_tables import read_traps
from model.patient.advice.alerts import read_rules
from model.patient.advice.checklist import read_items
from model.patient.criteria.baseline import baselines
from model.patient.criteria.disagreement import read_reasons
from model.patient.criteria.tables import criteria_sets
from model.patient.thresholds import thresholds
from model.patient.what_next.procedures import procedures_of
from model.patient.why.weight_of_evidence import weight_words
from model.priors.checked import check_all
from model.priors.folder import Priors
from model.priors.published import published_rates
from model.priors.reading import check_reading

READERS: Mapping[str, Callable[[Priors], Sized]] = {
    "procedures": procedures_of,
    "rules of alerts and treatment": read_rules,
    "steps of the work-up": read_items,
    "sets of criteria": criteria_sets,
    "reasons to disagree": read_reasons,
    "baseline rows": baselines,
    "implied findings": lambda priors: priors.tables["criteria/implied"],
    "thresholds": thresholds,
    "words for weights": weight_words,
    "codes": lambda priors: read_exchange(priors).codes,
    "patterns of missing data": patterns,
    "lessons": lambda priors: (*steps_examples(priors), *one_finding_examples(priors), *read_traps(priors)),
}
"""What a folder may contain besides the network -> its reader, which finds faults that the schema cannot express."""


def check(net: Net) -> dict[str, int]:
    """The contents of the folder, kind -> number; kinds with none are left out.

    The network was checked when it was loaded. Raises InputError for the first fault, with file, line, field and the
    nearest valid word.
    """
    check_all(net.priors.tables)
    published_rates(net.priors)
    check_reading(net.priors)
    counts = {
        "nodes": len(net.nodes),
        "rates": sum(len(group) for node, group in net.priors.rates.items() if node != "diagnosis"),
        "effects": sum(len(group) for group in net.priors.effects.values()),
    }
    read = {what: len(reader(net.priors)) for what, reader in READERS.items()}
    return counts | {what: count for what, count in read.items() if count}
