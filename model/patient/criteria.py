"""What do the classification criteria say of this patient, and where do they and the posterior disagree?

`judge` asks every set of `priors/criteria/`, `disagreements` compares the verdicts with the posterior. The parts:
`criteria_rules` (the language), `criteria_tables` (the files), `criteria_outcomes` (what unknown findings leave
open), `criteria_verdicts` (labels and scores), `criteria_disagreements` (sentences).
"""

from model.patient.criteria_disagreements import disagreements
from model.patient.criteria_verdicts import ColumnScore, ItemState, Verdict, judge, judge_by

__all__ = ["ColumnScore", "ItemState", "Verdict", "disagreements", "judge", "judge_by"]
