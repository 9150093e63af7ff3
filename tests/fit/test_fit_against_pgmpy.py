"""One iteration of a fit is that of pgmpy."""

from pathlib import Path

import numpy as np
import pytest

from model.cases.cohort import Cohort
from model.fit.fit import fit
from model.inference.simulate import simulate
from tests.helpers.fits import altered, chain, reweighted


def test_one_iteration_without_priors_is_that_of_pgmpy(tmp_path: Path) -> None:
    """pgmpy's expectation-maximisation has no priors; with practically no priors, ours takes the same steps."""
    pandas = pytest.importorskip("pandas")
    from pgmpy.estimators import ExpectationMaximization
    from pgmpy.factors.discrete import TabularCPD
    from pgmpy.models import DiscreteBayesianNetwork

    net = reweighted(chain(tmp_path), 1e-9)
    drawn = simulate(altered(net, 5).network, 100, 5)
    signs = [f"sign_{i}" for i in range(3)]
    cohort = Cohort(tuple(map(str, range(100))), {s: drawn[s] for s in signs}, {}, drawn["setting"],
                    drawn["diagnosis"])  # fmt: skip
    steps = 3
    ours = fit(net, cohort, iterations=steps, tolerance=0, weigh=False).net.network.tables

    peer = DiscreteBayesianNetwork([("diagnosis", "damage"), *(("damage", s) for s in signs)], latents={"damage"})
    frame = pandas.DataFrame({name: drawn[name] for name in ("diagnosis", *signs)})
    start = {}
    for name, parents in (("diagnosis", []), ("damage", ["diagnosis"]), *((s, ["damage"]) for s in signs)):
        table = net.network.tables[name].reshape(-1, 2).T if name != "diagnosis" else net.network.tables[name].T
        start[name] = TabularCPD(name, 2, table, parents, [2] * len(parents))
    learnt = ExpectationMaximization(peer, frame).get_parameters(
        latent_card={"damage": 2}, init_cpds=start, max_iter=steps, atol=0, show_progress=False, n_jobs=1
    )
    for cpd in learnt:
        own = ours[cpd.variable]
        theirs = cpd.get_values().T.reshape(own.shape)
        np.testing.assert_allclose(own, theirs, atol=1e-5, err_msg=cpd.variable)
