"""How good would fitted priors be on patients they have not seen?"""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from model.cases.cohort import Cohort
from model.cases.score import score
from model.inference.net import Net
from model.measure.resampling import folds
from model.network.build import Array

if TYPE_CHECKING:
    from model.fit.maximise import Shares


def cross_validated(
    net: Net,
    cohort: Cohort,
    count: int = 5,
    seed: int = 0,
    shares: "Shares" = "by-setting",
    iterations: int = 30,
    progress: Callable[[int], object] = lambda done: None,
) -> Array:
    """The posterior of every patient from priors fitted to the other patients, (patients, diagnoses).

    The patients are split at random into `count` folds. Each fold is scored with the priors of `net` fitted to the
    other folds. `progress` is called with the number of folds finished. Raises InputError for a cohort to which the
    priors cannot be fitted.
    """
    from model.fit.fit import fit  # with scipy.sparse: an evaluation without folds does not need it

    result = np.empty((len(cohort), len(net.vocabulary.diagnoses)))
    for done, left_out in enumerate(folds(len(cohort), count, seed), start=1):
        others = np.setdiff1d(np.arange(len(cohort)), left_out)
        fitted = fit(net, cohort.take(others), shares=shares, iterations=iterations, weigh=False)
        result[left_out] = score(fitted.net, cohort.take(left_out))
        progress(done)
    return result
