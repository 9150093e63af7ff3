"""The verdicts of the classification criteria on one patient, and where they disagree with the posterior.

`judge` applies every set of `priors/criteria/`; `disagreements` compares the verdicts with the posterior. The modules:
`section` and `tables` read the files, `implied` and `outcomes` work out what unknown findings leave open,
`conclusions` and `verdicts` give labels and scores, `disagreement` writes the sentences. For many patients, `cohort`
applies one scored set, and `baseline` makes it comparable to the network.
"""

from model.patient.criteria.disagreement import disagreements
from model.patient.criteria.verdicts import ColumnScore, ItemState, Verdict, judge, judge_by

__all__ = ["ColumnScore", "ItemState", "Verdict", "disagreements", "judge", "judge_by"]
