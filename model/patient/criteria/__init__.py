"""What do the classification criteria say of this patient, and where do they and the posterior disagree?

`judge` asks every set of `priors/criteria/`, `disagreements` compares the verdicts with the posterior. The parts:
`rules` (the language), `section` and `tables` (the files), `implied` and `outcomes` (what unknown findings leave open),
`verdicts` (labels and scores), `disagreement` (sentences), `baseline` (a scored set beside the network).
"""

from model.patient.criteria.disagreement import disagreements
from model.patient.criteria.verdicts import ColumnScore, ItemState, Verdict, judge, judge_by

__all__ = ["ColumnScore", "ItemState", "Verdict", "disagreements", "judge", "judge_by"]
