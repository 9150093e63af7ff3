"""The open diagnostic model of the inflammatory myopathies.

>>> import model
>>> net = model.load()
>>> net.posterior({"heliotrope_rash": "present"})["dermatomyositis"] > 0.5
True
"""

from model.about import VERSION as __version__
from model.errors import ImpossibleEvidence, InputError
from model.inference.net import Net, load

__all__ = ["ImpossibleEvidence", "InputError", "Net", "__version__", "load"]
