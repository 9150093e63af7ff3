"""The network as its users see it: posteriors and marginals by name."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np

from model.about import fingerprint
from model.errors import ImpossibleEvidence, InputError
from model.inference import linear_scale as linear
from model.inference import log_scale as inference
from model.inference.evidence import is_unknown, likelihood, read_evidence
from model.inference.linear_scale import LinearEngine, compile_linear
from model.inference.log_scale import Engine, Evidence, compile_engine
from model.inference.over_draws import Drawn
from model.network.build import Array, Means, Network, as_network, build_means
from model.network.sampling import Sampling, weakest_grade
from model.priors.folder import SHIPPED, Priors, read_priors
from model.priors.vocabulary import Vocabulary

Findings = Mapping[str, object]
DRAWS, DRAWS_OF_A_GRADE = 1000, 250

Setting = str | Mapping[str, float] | None


@dataclass(frozen=True)
class Net:
    """A compiled network. Nothing in it changes after loading; every query is a pure function."""

    priors: Priors

    @property
    def vocabulary(self) -> Vocabulary:
        return self.priors.vocabulary

    @cached_property
    def network(self) -> Network:
        """The tables of the network, at the means of the priors."""
        return as_network(self.priors, self.means.joints)

    @cached_property
    def means(self) -> Means:
        """How each table is made, and its values at the means of the priors."""
        return build_means(self.priors)

    @cached_property
    def engine(self) -> Engine:
        return compile_engine(self.network)

    @cached_property
    def linear(self) -> LinearEngine:
        return compile_linear(self.engine)

    @cached_property
    def drawn(self) -> Drawn:
        """A thousand draws of the network, and some in which the numbers of one grade alone vary."""
        rates = [*self.priors.shares.values(), *(rate for rates in self.priors.rates.values() for rate in rates)]
        effects = [effect for effects in self.priors.effects.values() for effect in effects]
        grades = tuple(sorted({*map(weakest_grade, rates), *(effect.grade for effect in effects)}))
        return Drawn(self.means, self.engine, Sampling(DRAWS, 0, grades, DRAWS_OF_A_GRADE))

    @property
    def nodes(self) -> tuple[str, ...]:
        """All nodes in topological order."""
        return self.network.nodes

    @property
    def default_setting(self) -> str:
        return self.vocabulary.settings[0]

    def posterior(self, findings: Findings, setting: Setting = None) -> dict[str, float]:
        """Probability of each diagnosis given the findings; sums to 1.

        `setting`: a setting id (default: the first), or a prior of one's own as diagnosis -> weight.
        Raises InputError for an unknown word and ImpossibleEvidence for findings that cannot be.
        """
        observed = self._observed(findings, setting)
        result = linear.posterior(self.linear, observed) if observed else None
        if result is None:
            result, _ = inference.posterior(self.engine, self.evidence(findings, setting))
            if np.isnan(result[0]):
                raise ImpossibleEvidence(self._conflict(findings, setting))
        return dict(zip(self.vocabulary.diagnoses, result.tolist(), strict=True))

    def _observed(self, findings: Findings, setting: object) -> dict[int, list[int]] | None:
        """Hard evidence as rows of the tables of `linear`; None for soft evidence or a typed prior."""
        place = self.linear.place
        observed: dict[int, list[int]] = {}
        try:
            for name, value in findings.items():
                found = place.get((name, value))
                if found is None:
                    if is_unknown(value):
                        continue
                    found = place[name, self.vocabulary.variable(name).state(value)]
                observed.setdefault(found[0], []).append(found[1])
            if "setting" not in findings:
                cluster, row = place["setting", setting or self.default_setting]
                observed.setdefault(cluster, []).append(row)
        except (KeyError, TypeError, InputError):
            return None
        return observed

    def log_evidence(self, findings: Findings, setting: Setting = None) -> float:
        """Natural logarithm of the probability of the findings, up to the scale of soft evidence."""
        with_findings = inference.posterior(self.engine, self.evidence(findings, setting))[1]
        without = inference.posterior(self.engine, self.evidence({}, setting))[1]
        return float(with_findings - without)

    def marginal(self, node: str, evidence: Findings | None = None) -> dict[str, float]:
        """Probability of each state of any node, given evidence on any other nodes.

        `evidence` may hold findings, hidden variables, `setting` and `diagnosis` (id, family, list).
        """
        variable = self.vocabulary.variable(node)
        given = dict(evidence or {})
        total = self._joint(node, given).sum(axis=0)
        return dict(zip(variable.states, (total / total.sum()).tolist(), strict=True))

    def joints(self, findings: Findings, setting: Setting = None) -> dict[str, Array]:
        """P(diagnosis, node | findings) of every node that is not observed, each (diagnoses, states)."""
        known = {name for name, value in findings.items() if not is_unknown(value)} | {"setting", "diagnosis"}
        observed = self._observed(findings, setting)
        joints = linear.joints(self.linear, observed) if observed else None
        if joints is None:
            believed = self._beliefs(self.evidence(findings, setting), findings, setting)
            joints = {name: inference.joint_with_target(self.engine, believed, name) for name in self.nodes}
        return {name: joint for name, joint in joints.items() if name not in known}

    def _joint(self, node: str, given: Findings) -> Array:
        setting = given.get("setting")
        findings = {k: v for k, v in given.items() if k != "setting"}
        own = findings.pop(node, None)
        evidence = self.evidence(findings, setting)
        joint = inference.joint_with_target(self.engine, self._beliefs(evidence, findings, setting), node)
        if not is_unknown(own):
            joint = joint * likelihood(self.vocabulary, self.vocabulary.variable(node), own)
            if not joint.sum() > 0:
                raise ImpossibleEvidence(self._conflict({**findings, node: own}, setting))
        return joint

    def _beliefs(self, evidence: Evidence, findings: Findings, setting: object) -> list[Array]:
        believed = inference.beliefs(self.engine, evidence)
        if np.isnan(believed[0]).any():
            raise ImpossibleEvidence(self._conflict(findings, setting))
        return believed

    def evidence(self, findings: Findings, setting: object = None) -> Evidence:
        """The findings and the setting as the engine takes them; a prior of one's own weights the diagnosis.

        Raises InputError for an unknown word.
        """
        evidence = read_evidence(self.vocabulary, findings)
        if "setting" in evidence.codes or "setting" in evidence.likelihoods:
            return evidence
        typed = isinstance(setting, Mapping)
        chosen = read_evidence(self.vocabulary, {"setting": setting if setting and not typed else self.default_setting})
        codes, likelihoods = {**evidence.codes, **chosen.codes}, {**evidence.likelihoods, **chosen.likelihoods}
        if isinstance(setting, Mapping):
            if "diagnosis" in codes or "diagnosis" in likelihoods:
                raise InputError("field setting: a prior of one's own and evidence on the diagnosis exclude each other")
            likelihoods["diagnosis"] = self._prior_ratio(setting)
        return Evidence(codes, likelihoods)

    def _prior_ratio(self, prior: Mapping[str, float]) -> Array:
        """What turns the prior of the default setting into `prior`, (diagnoses,)."""
        variable = self.vocabulary.variable("diagnosis")
        weights = likelihood(self.vocabulary, variable, dict(prior))
        default = self.network.tables["diagnosis"][0]
        if ((default == 0) & (weights > 0)).any():
            raise InputError("field setting: a diagnosis that the default setting excludes cannot be weighted")
        ratio = weights / np.where(default > 0, default, 1)
        return ratio / ratio.max()

    def _conflict(self, findings: Findings, setting: object) -> list[str]:
        """A smallest set of findings that is impossible: drop one after the other while it stays so."""
        kept = [name for name, value in findings.items() if not is_unknown(value)]
        for name in list(kept):
            fewer = {k: findings[k] for k in kept if k != name}
            if np.isnan(inference.posterior(self.engine, self.evidence(fewer, setting))[0][0]):
                kept.remove(name)
        return kept


def load(folder: str | Path | None = None) -> Net:
    """Read, check and compile a folder of priors (the shipped one by default).

    A folder whose tables are as they were gives the same network again.
    """
    place = Path(folder) if folder else SHIPPED
    return _compiled(place, place.absolute(), fingerprint(place))


@lru_cache(maxsize=4)
def _compiled(folder: Path, place: Path, tables: str) -> Net:
    net = Net(read_priors(folder))
    _ = net.linear
    return net
