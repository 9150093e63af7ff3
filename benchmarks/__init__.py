"""Measured ratios: this model against its peers, in one run, on one machine, over the same evidence.

python -m benchmarks [inference|answers|batch|scale|start|toggle|calibration ...] [--quick] [--json FILE] [--priors DIR]
"""
