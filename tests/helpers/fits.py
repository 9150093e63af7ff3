"""Cohorts and networks to fit."""

from dataclasses import replace
from pathlib import Path

import numpy as np

import model
from model.calibrate.rates import applied_values, with_applied
from model.cases.cohort import Cohort, joined
from model.cases.imagine import Imagined, imagine

RASH, LEGS, FLEXORS = "heliotrope_rash", "proximal_leg_weakness", "finger_flexor_weakness"


def imagined(net: model.Net, patients: int, seed: int, known: float = 1.0, without_diagnosis: float = 0.0) -> Cohort:
    """Imagined patients in whom each finding is known with probability `known`."""
    cohort = joined(list(imagine(net, Imagined(patients, seed, without_diagnosis=without_diagnosis))))
    kept = np.random.default_rng(seed)
    return replace(cohort, states={f: np.where(kept.random(patients) < known, c, -1) for f, c in cohort.states.items()})


def altered(net: model.Net, seed: int, share: float = 0.4) -> model.Net:
    """The same network with other numbers: every rate is moved towards a random one, by `share` of the way."""
    generator = np.random.default_rng(seed)
    moved = {
        node: np.where(values > 0, (1 - share) * values + share * generator.dirichlet(np.ones(values.shape[1]),
                                                                                      len(values)), 0)
        for node, values in applied_values(net).items()
    }  # fmt: skip
    return with_applied(net, {node: values / values.sum(axis=1, keepdims=True) for node, values in moved.items()})


def index_of_rate(net: model.Net, node: str, diagnosis: str, **given: str) -> int:
    """The index of the rate of a node for a diagnosis and conditions."""
    rates = net.priors.rates[node]
    return next(i for i, r in enumerate(rates) if (r.diagnosis, dict(r.given)) == (diagnosis, given))


def chain(folder: Path) -> model.Net:
    """setting -> diagnosis -> a hidden variable -> three findings; every row of a table has its own rate."""
    tables = {
        "vocabulary/diagnoses.csv": "id,short,label,family\nill,I,Ill,iim\nwell,W,Well,mimic\n",
        "vocabulary/settings.csv": "id,label\nclinic,Clinic\n",
        "vocabulary/hidden.csv": "id,label,states,definition\ndamage,Damage,no|yes,\n",
        "vocabulary/findings.csv": "id,group,label,states,definition\n"
        + "".join(f"sign_{i},skin,Sign {i},absent|present,\n" for i in range(3)),
        "vocabulary/bins.csv": "finding,state,from,to,closed\n",
        "vocabulary/synonyms.csv": "finding,synonyms\n",
        "edges/all.csv": "parent,child,reason,source\nsetting,diagnosis,r,\ndiagnosis,damage,r,\n"
        "damage,sign_0;sign_1;sign_2,r,\n",
        "effects/all.csv": "node,state,parent,parent_state,odds_ratio,grade,source,locator,note\n",
        "grades.csv": "grade,meaning,default_strength,strength_cap\nB,b,1,200\n",
        "verbal_scale.csv": "term,percent,low,high,basis,source\n",
        "shares.csv": "setting,diagnosis,percent,strength,grade,source,locator,note\n"
        "clinic,ill,50,1,B,,,\nclinic,well,50,1,B,,,\n",
        "rates/all.csv": "node,state,diagnosis,given,percent,term,strength,grade,source,locator,note\n"
        "damage,yes,ill,,70,,1,B,,,\ndamage,yes,well,,20,,1,B,,,\n"
        + "".join(
            f"sign_{i},present,any,damage=no,{20 + 5 * i},,1,B,,,\n"
            f"sign_{i},present,any,damage=yes,{70 - 5 * i},,1,B,,,\n"
            for i in range(3)
        ),
    }
    for name, text in tables.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return model.load(folder)


def cohort_slice(cohort: Cohort, rows: slice) -> Cohort:
    return Cohort(cohort.ids[rows], {f: c[rows] for f, c in cohort.states.items()}, {}, cohort.settings[rows],
                  cohort.diagnoses[rows])  # fmt: skip


def reweighted(net: model.Net, strength: float) -> model.Net:
    """The same network with one strength for all numbers."""
    rates = {node: tuple(replace(r, strength=strength) for r in own) for node, own in net.priors.rates.items()}
    return model.Net(replace(net.priors, rates=rates))
