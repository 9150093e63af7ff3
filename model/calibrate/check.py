"""Is a whole folder of priors in order? Every table that something reads is read here, faults and all."""

from collections.abc import Callable, Mapping, Sized

from model.cases.exchange.codes import read_exchange
from model.cases.missing_patterns import patterns
from model.inference.net import Net
from model.learn.examples import one_finding_examples, steps_examples
from model.learn.trap_tables import read_traps
from model.patient.advice.alerts import read_rules
from model.patient.advice.checklist import checklist
from model.patient.criteria.baseline import baselines
from model.patient.criteria.disagreement import shipped_reasons
from model.patient.criteria.implied import read_implied
from model.patient.criteria.verdicts import shipped_sets
from model.patient.thresholds import thresholds
from model.patient.what_next.procedures import procedures_of
from model.patient.why.weight_of_evidence import weight_words
from model.priors.provenance import check_rows, check_sources
from model.priors.tables import read_table

READERS: Mapping[str, Callable[[Net], Sized]] = {
    "procedures": lambda net: procedures_of(net.priors),
    "rules of alerts and treatment": read_rules,
    "steps of the work-up": lambda net: checklist(net, {}, net.posterior({})),
    "sets of criteria": shipped_sets,
    "reasons to disagree": lambda net: shipped_reasons(net),
    "baseline rows": baselines,
    "implied findings": read_implied,
    "thresholds": lambda net: thresholds(net.priors),
    "words for weights": lambda net: weight_words(net.priors),
    "codes": lambda net: read_exchange(net.priors.folder, net.vocabulary).codes,
    "patterns of missing data": lambda net: patterns(net.priors.folder, net.vocabulary),
    "lessons": lambda net: (*steps_examples(net.priors), *one_finding_examples(net.priors), *read_traps(net.priors)),
}
"""What a folder may hold beside the network, and the reader that finds its faults."""
CITING = ("weight_words.csv", "thresholds.csv", "missing.csv")
"""Tables whose readers leave their sources unread."""


def check(net: Net) -> dict[str, int]:
    """What the folder holds -> how many; what it lacks is left out.

    The network itself was checked when it was loaded. Raises InputError at the first fault: file, line, field and the
    nearest valid word.
    """
    check_sources(net.priors)
    folder = net.priors.folder
    for table in CITING:
        if (folder / table).exists():
            check_rows(read_table(folder / table, ["source"], folder), net.priors.sources)
    counts = {
        "nodes": len(net.nodes),
        "rates": sum(len(group) for group in net.priors.rates.values()),
        "effects": sum(len(group) for group in net.priors.effects.values()),
    }
    read = {what: len(reader(net)) for what, reader in READERS.items()}
    return counts | {what: count for what, count in read.items() if count}
