"""The network for its users: posteriors and marginals by the names of findings and states."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from model.errors import ImpossibleEvidence, InputError
from model.inference import hard_evidence, sweep
from model.inference.engine import Engine, Evidence, compile_engine
from model.inference.evidence import is_unknown, likelihood, read_evidence
from model.inference.over_draws import Drawn
from model.network.build import Array, Means, Network, as_network, build_means
from model.network.sampling import Sampling
from model.priors.files import Files, read_files
from model.priors.folder import SHIPPED, Priors, read_priors
from model.priors.vocabulary import Vocabulary

if TYPE_CHECKING:
    from model.patient.patient import Patient

Findings = Mapping[str, object]
DRAWS, DRAWS_OF_A_GRADE = 1000, 250

Setting = str | Mapping[str, float] | None


@dataclass(frozen=True)
class Net:
    """A compiled network, made by `load`. It is immutable: the same question always has the same answer.

    Attributes
    ----------
    priors
        The numbers it is built from.

    Examples
    --------
    >>> import model
    >>> net = model.load()
    >>> net.default_setting
    'suspected_myositis'
    """

    priors: Priors

    @property
    def vocabulary(self) -> Vocabulary:
        """The variables with their states, labels and families."""
        return self.priors.vocabulary

    @cached_property
    def network(self) -> Network:
        """The tables of the network, at the means of the priors."""
        return as_network(self.priors, self.means.joints)

    @cached_property
    def means(self) -> Means:
        """The recipe of each table, and its values at the means of the priors."""
        return build_means(self.priors)

    @cached_property
    def engine(self) -> Engine:
        """The junction tree of the network at the means of the priors."""
        return compile_engine(self.network)

    @cached_property
    def drawn(self) -> Drawn:
        """A thousand draws of the network, and for each grade some in which only its numbers vary."""
        rates = [rate for rates in self.priors.rates.values() for rate in rates]
        effects = [effect for effects in self.priors.effects.values() for effect in effects]
        varied = {*(rate.grade for rate in rates if rate.varies), *(effect.grade for effect in effects)}
        grades = tuple(grade for grade in self.priors.grades if grade in varied)
        return Drawn(self.means, self.engine, Sampling(DRAWS, 0, grades, DRAWS_OF_A_GRADE))

    @property
    def nodes(self) -> tuple[str, ...]:
        """All nodes in topological order."""
        return self.network.nodes

    def __repr__(self) -> str:
        words = self.vocabulary
        return f"<Net {self.priors.folder.name}: {len(words.diagnoses)} diagnoses, {len(words.findings)} findings>"

    @property
    def default_setting(self) -> str:
        """The referral setting that is used if none is given: the first of the vocabulary."""
        return self.vocabulary.settings[0]

    def patient(
        self, findings: Findings, setting: str | None = None, prior: Mapping[str, float] | None = None
    ) -> "Patient":
        """One patient, with every answer about them: posterior, why, how sure, what next, alerts, criteria, report.

        Parameters
        ----------
        findings
            Finding id -> value: a state, a number in the unit of the finding, a list of states (any of them), or a
            mapping of state -> likelihood. Unknown values (None, NaN, "", missing values of pandas) are dropped.
        setting
            Id of the referral setting, which determines how frequent each diagnosis is. Default: the first of the
            vocabulary.
        prior
            Diagnosis id -> weight, instead of the shares of a setting. Weights need not sum to 1.

        Returns
        -------
        Patient
            Its answers are computed when first asked for, and kept.

        Raises
        ------
        InputError
            For an unknown finding, state, setting or diagnosis, with the nearest valid word, and if both a setting and
            a prior are given.

        Examples
        --------
        >>> import model
        >>> patient = model.load().patient({"heliotrope_rash": "present"}, setting="dermatology_clinic")
        >>> patient.leading
        'dermatomyositis'
        """
        # The one import from a higher room, so that a user needs nothing but a network.
        from model.patient.patient import read_patient

        return read_patient(self, findings, setting, prior)

    def posterior(
        self, findings: Findings, setting: Setting = None, prior: Mapping[str, float] | None = None
    ) -> dict[str, float]:
        """Probability of each diagnosis given the findings.

        Parameters
        ----------
        findings
            Finding id -> value, as in `Net.patient`.
        setting
            Id of the referral setting. Default: the first of the vocabulary.
        prior
            Diagnosis id -> weight, instead of the shares of a setting. Weights need not sum to 1.

        Returns
        -------
        dict
            Diagnosis id -> probability, in the order of the vocabulary; sums to 1.

        Raises
        ------
        InputError
            For an unknown word, with the nearest valid one, and if both a setting and a prior are given.
        ImpossibleEvidence
            If no diagnosis allows all findings together.

        Examples
        --------
        >>> import model
        >>> net = model.load()
        >>> round(net.posterior({}, prior={"dermatomyositis": 2, "fibromyalgia": 1})["dermatomyositis"], 3)
        0.667
        """
        setting = one_referral(findings, setting, prior)
        observed = self._observed(findings, setting)
        result = hard_evidence.posterior(self.engine, observed) if observed else None
        if result is None:
            result, _ = sweep.posterior(self.engine, self.evidence(findings, setting))
            if np.isnan(result[0]):
                raise ImpossibleEvidence(self._conflict(findings, setting))
        return dict(zip(self.vocabulary.diagnoses, result.tolist(), strict=True))

    def _observed(self, findings: Findings, setting: object) -> dict[int, list[int]] | None:
        """Hard evidence as the observed rows of each table of `engine`.

        None for soft evidence, a prior in place of a setting, and unknown words.
        """
        row_of = self.engine.row_of
        observed: dict[int, list[int]] = {}
        try:
            for name, value in findings.items():
                found = row_of.get((name, value))
                if found is None:
                    if is_unknown(value):
                        continue
                    found = row_of[name, self.vocabulary.variable(name).state(value)]
                observed.setdefault(found[0], []).append(found[1])
            if "setting" not in findings:
                cluster, row = row_of["setting", setting or self.default_setting]
                observed.setdefault(cluster, []).append(row)
        except (KeyError, TypeError, InputError):
            return None
        return observed

    def log_evidence(
        self, findings: Findings, setting: Setting = None, prior: Mapping[str, float] | None = None
    ) -> float:
        """Natural logarithm of the probability of the findings.

        Parameters
        ----------
        findings, setting, prior
            As in `Net.posterior`.

        Returns
        -------
        float
            ln P(findings | setting). Soft evidence is scaled so that the largest likelihood of each finding is 1.

        Raises
        ------
        InputError
            For an unknown word, with the nearest valid one, and if both a setting and a prior are given.

        Examples
        --------
        >>> import math, model
        >>> net = model.load()
        >>> shares = net.marginal("fever")
        >>> math.isclose(net.log_evidence({"fever": "present"}), math.log(shares["present"]))
        True
        """
        setting = one_referral(findings, setting, prior)
        with_findings = sweep.posterior(self.engine, self.evidence(findings, setting))[1]
        without = sweep.posterior(self.engine, self.evidence({}, setting))[1]
        return float(with_findings - without)

    def marginal(self, node: str, evidence: Findings | None = None) -> dict[str, float]:
        """Probability of each state of any node, given evidence on any other nodes.

        Parameters
        ----------
        node
            Id of a finding, of a hidden variable, or `diagnosis`.
        evidence
            Node id -> value, as in `Net.patient`; also of hidden variables, `setting`, and `diagnosis` (an id, a
            family or a list of ids).

        Returns
        -------
        dict
            State -> probability; sums to 1.

        Raises
        ------
        InputError
            For an unknown word, with the nearest valid one.
        ImpossibleEvidence
            If the evidence cannot occur together.

        Examples
        --------
        >>> import model
        >>> lung = model.load().marginal("interstitial_lung_disease", {"diagnosis": "antisynthetase_syndrome"})
        >>> lung["present"] > 0.5
        True
        """
        variable = self.vocabulary.variable(node)
        given = dict(evidence or {})
        total = self._joint(node, given).sum(axis=0)
        return dict(zip(variable.states, (total / total.sum()).tolist(), strict=True))

    def joints(self, findings: Findings, setting: Setting = None) -> dict[str, Array]:
        """Joint probability of the diagnosis with every node that is not observed.

        Parameters
        ----------
        findings, setting
            As in `Net.posterior`.

        Returns
        -------
        dict
            Node id -> P(diagnosis, node | findings), an array (diagnoses, states of the node); each sums to 1.

        Raises
        ------
        InputError
            For an unknown word, with the nearest valid one.
        ImpossibleEvidence
            If no diagnosis allows all findings together.

        Examples
        --------
        >>> import model
        >>> model.load().joints({"ck_level": 12})["fever"].shape
        (30, 2)
        """
        known = {name for name, value in findings.items() if not is_unknown(value)} | {"setting", "diagnosis"}
        joints = sweep.joints(self.engine, self._beliefs(self.evidence(findings, setting), findings, setting))
        return {name: joint for name, joint in joints.items() if name not in known}

    def _joint(self, node: str, given: Findings) -> Array:
        setting = given.get("setting")
        findings = {k: v for k, v in given.items() if k != "setting"}
        own = findings.pop(node, None)
        evidence = self.evidence(findings, setting)
        joint = sweep.joint_with_target(self.engine, self._beliefs(evidence, findings, setting), node)
        if not is_unknown(own):
            joint = joint * likelihood(self.vocabulary, self.vocabulary.variable(node), own)
            if not joint.sum() > 0:
                raise ImpossibleEvidence(self._conflict({**findings, node: own}, setting))
        return joint

    def _beliefs(self, evidence: Evidence, findings: Findings, setting: object) -> list[Array]:
        cluster_beliefs, log_evidence = sweep.beliefs(self.engine, evidence)
        if np.isneginf(log_evidence):
            raise ImpossibleEvidence(self._conflict(findings, setting))
        return cluster_beliefs

    def evidence(self, findings: Findings, setting: object = None) -> Evidence:
        """The findings and the setting as state indices and likelihoods, the input of inference.

        Parameters
        ----------
        findings, setting
            As in `Net.posterior`. A mapping instead of a setting is a prior; it becomes a likelihood of the diagnosis.

        Returns
        -------
        Evidence
            `states`: variable id -> index of its state. `likelihoods`: variable id -> array (states,), the largest 1.

        Raises
        ------
        InputError
            For an unknown word, with the nearest valid one.

        Examples
        --------
        >>> import model
        >>> model.load().evidence({"fever": "present", "ck_level": None}).states["fever"]
        1
        """
        evidence = read_evidence(self.vocabulary, findings)
        if "setting" in evidence.states or "setting" in evidence.likelihoods:
            return evidence
        has_prior = isinstance(setting, Mapping)
        chosen = read_evidence(
            self.vocabulary, {"setting": setting if setting and not has_prior else self.default_setting}
        )
        states, likelihoods = {**evidence.states, **chosen.states}, {**evidence.likelihoods, **chosen.likelihoods}
        if isinstance(setting, Mapping):
            if "diagnosis" in states or "diagnosis" in likelihoods:
                raise InputError("field setting: give a prior or evidence on the diagnosis, not both")
            likelihoods["diagnosis"] = self._prior_ratio(setting)
        return Evidence(states, likelihoods)

    def _prior_ratio(self, prior: Mapping[str, float]) -> Array:
        """The likelihood of the diagnosis that turns the prior of the default setting into `prior`, (diagnoses,)."""
        variable = self.vocabulary.variable("diagnosis")
        weights = likelihood(self.vocabulary, variable, dict(prior))
        default = self.network.tables["diagnosis"][0]
        if ((default == 0) & (weights > 0)).any():
            raise InputError(
                "field setting: a prior for a diagnosis with a share of 0 in the default setting; remove it"
            )
        ratio = weights / np.where(default > 0, default, 1)
        return ratio / ratio.max()

    def _conflict(self, findings: Findings, setting: object) -> list[str]:
        """Findings that are impossible together, of which none can be left out.

        Each finding is dropped in turn if the others remain impossible without it.
        """
        kept = [name for name, value in findings.items() if not is_unknown(value)]
        for name in list(kept):
            fewer = {k: findings[k] for k in kept if k != name}
            if np.isneginf(sweep.posterior(self.engine, self.evidence(fewer, setting))[1]):
                kept.remove(name)
        return kept


def one_referral(findings: Findings, setting: Setting, prior: Mapping[str, float] | None) -> Setting:
    """The prior if there is one, else the setting. Raises InputError if both are given."""
    if prior is None:
        return setting
    if setting is not None or not is_unknown(findings.get("setting")):
        raise InputError("field prior: give a setting or a prior, not both; a prior replaces the shares of the setting")
    return prior


def load(folder: str | Path | None = None) -> Net:
    """Read, check and compile a folder of priors.

    Parameters
    ----------
    folder
        A folder with the tables that `priors/README.md` describes. Default: the shipped priors.

    Returns
    -------
    Net
        The compiled network. A folder whose tables have not changed gives the same object again.

    Raises
    ------
    InputError
        For a fault in a table, with file, line and field.

    Examples
    --------
    >>> import model
    >>> net = model.load()
    >>> len(net.vocabulary.diagnoses), len(net.vocabulary.findings)
    (30, 112)
    """
    path = Path(folder) if folder else SHIPPED
    return _compiled(read_files(path), path.absolute())


@lru_cache(maxsize=4)
def _compiled(files: Files, path: Path) -> Net:
    net = Net(read_priors(files))
    _ = net.engine
    return net
