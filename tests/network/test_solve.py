"""A solved table has the stated rate as its average and the odds ratios of the effects."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.network.solve import solve_base


def grouped(values: np.ndarray, size: int) -> np.ndarray:
    """Entries by group, (groups * size, ...) to (groups, size, ...)."""
    return values.reshape(-1, size, *values.shape[1:])


@given(data=st.data())
def test_the_average_is_the_target_and_the_odds_are_the_ratios(data: st.DataObject) -> None:
    """For any number of states and entries, weak and strong effects, drawn or fixed, and rates near 0 and 1."""
    seed, states, effects = data.draw(st.tuples(st.integers(0, 2**32 - 1), st.integers(2, 5), st.integers(1, 6)))
    generator = np.random.default_rng(seed)
    weights = generator.dirichlet(np.full(effects, data.draw(st.sampled_from([0.1, 1.0]))), size=(4, 3))
    strength = data.draw(st.sampled_from([0.5, 3.0, 8.0]))
    drawn = data.draw(st.sampled_from([1, 3]))
    log_ratios = generator.normal(0, strength, (4 * effects, states, drawn))
    target = generator.dirichlet(np.full(states, data.draw(st.sampled_from([0.05, 1.0]))), size=(4, 3))
    target = np.maximum(target, data.draw(st.sampled_from([1e-9, 1e-3])))
    target = np.moveaxis(target / target.sum(axis=-1, keepdims=True), -1, 1)
    flat = np.moveaxis(weights, -1, 1).reshape(4 * effects, 3)
    table = solve_base(target, flat, np.exp(log_ratios), np.arange(4) * effects)
    assert table.shape == (4 * effects, states, 3)
    np.testing.assert_allclose(table.sum(axis=1), 1, rtol=0, atol=1e-12)
    average = (grouped(flat, effects)[:, :, None] * grouped(table, effects)).sum(axis=1)
    np.testing.assert_allclose(average, target, rtol=0, atol=1e-9)
    odds = np.log(table / table[:, :1]) - (log_ratios - log_ratios[:, :1])
    odds = grouped(odds, effects)
    np.testing.assert_allclose(odds - odds[:, :1], 0, atol=1e-6)


@given(seed=st.integers(0, 2**32 - 1), sizes=st.lists(st.integers(1, 5), min_size=1, max_size=5))
def test_groups_of_different_sizes_are_solved_as_if_each_were_alone(seed: int, sizes: list[int]) -> None:
    generator = np.random.default_rng(seed)
    target = np.moveaxis(generator.dirichlet(np.ones(3), size=(len(sizes), 2)), -1, 1)
    weights = np.concatenate([generator.dirichlet(np.ones(n), size=2).T for n in sizes])
    ratios = np.exp(generator.normal(0, 2, (sum(sizes), 3, 2)))
    starts = np.cumsum([0, *sizes[:-1]])
    together = solve_base(target, weights, ratios, starts)
    for i, (start, size) in enumerate(zip(starts, sizes, strict=True)):
        rows = slice(start, start + size)
        alone = solve_base(target[i : i + 1], weights[rows], ratios[rows], np.zeros(1, np.intp))
        np.testing.assert_allclose(together[rows], alone, rtol=0, atol=1e-9)


def test_impossible_states_stay_impossible() -> None:
    target, weights = np.array([[[0.0], [0.3], [0.7]]]), np.full((2, 1), 0.5)
    ratios = np.exp([[0, 0, 0], [2, -1, 3.0]])[..., None]
    table = solve_base(target, weights, ratios, np.zeros(1, np.intp))
    assert (table[:, 0] == 0).all()
    np.testing.assert_allclose(table[..., 0].mean(axis=0), [0, 0.3, 0.7], rtol=0, atol=1e-12)


@pytest.mark.parametrize("tolerance", [1e-3, 1e-6, 1e-9])
def test_the_error_stays_within_about_the_tolerance(tolerance: float) -> None:
    generator = np.random.default_rng(1)
    target = np.moveaxis(generator.dirichlet(np.full(4, 0.3), size=(20, 50)), -1, 1).clip(1e-9)
    weights = np.moveaxis(generator.dirichlet(np.ones(5), size=(20, 50)), -1, 1).reshape(100, 50)
    ratios = np.exp(generator.normal(0, 3, (100, 4, 1)))
    table = solve_base(target, weights, ratios, np.arange(20) * 5, tolerance=tolerance)
    average = (grouped(weights, 5)[:, :, None] * grouped(table, 5)).sum(axis=1)
    assert np.abs(np.log(average / (target / target.sum(axis=1, keepdims=True)))).max() < 3 * tolerance


@pytest.mark.parametrize("drawn", ["target", "weights", "ratios"])
def test_what_is_not_drawn_is_the_same_in_all_draws(drawn: str) -> None:
    """Only one of the inputs has several draws: as if the others were repeated."""
    generator = np.random.default_rng(3)
    inputs = {
        "target": np.moveaxis(generator.dirichlet(np.ones(3), size=(2, 4)), -1, 1),
        "weights": np.moveaxis(generator.dirichlet(np.ones(3), size=(2, 4)), -1, 1).reshape(6, 4),
        "ratios": np.exp(generator.normal(0, 2, (6, 3, 4))),
    }
    once = {name: values if name == drawn else values[..., :1] for name, values in inputs.items()}
    repeated = {name: values if name == drawn else np.repeat(values, 4, axis=-1) for name, values in once.items()}
    starts = np.array([0, 3])
    np.testing.assert_allclose(solve_base(**once, starts=starts), solve_base(**repeated, starts=starts), atol=1e-12)


def test_draws_are_solved_alike_in_blocks_of_any_size(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seven draws, one to seven at once; each block begins at the guess of its own draws."""
    generator = np.random.default_rng(5)
    target = np.moveaxis(generator.dirichlet(np.ones(3), size=(2, 7)), -1, 1)
    weights = np.moveaxis(generator.dirichlet(np.ones(4), size=(2, 7)), -1, 1).reshape(8, 7)
    ratios = np.exp(generator.normal(0, 2, (8, 3, 7)))
    starts = np.array([0, 4])
    guess = np.log(target) + generator.normal(0, 0.1, target.shape)
    whole = solve_base(target, weights, ratios, starts, guess)
    for draws_at_once in (1, 2, 3, 7):
        monkeypatch.setattr("model.network.solve.NUMBERS_AT_ONCE", draws_at_once * 8)
        np.testing.assert_allclose(solve_base(target, weights, ratios, starts, guess), whole, rtol=0, atol=1e-9)
        same_ratios = solve_base(target, weights, ratios[..., :1], starts, guess)
        np.testing.assert_allclose(same_ratios[..., 0], whole[..., 0], rtol=0, atol=1e-9)
