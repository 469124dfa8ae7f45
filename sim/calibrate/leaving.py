"""Leaving something out and predicting it: one figure at a time, and all figures of one place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from sim.calibrate.chance import Draws
from sim.calibrate.measurement import Measurement
from sim.calibrate.posterior import Pool

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sim.calibrate.fits import Settings
    from sim.calibrate.posterior import Unit
    from sim.calibrate.questions import Asked

    Floats = NDArray[np.float64]

LEVELS: Final = np.arange(1, 40) / 40.0
"""Levels of the quantiles kept of a prediction."""
DRAWS: Final = 1024
"""Draws of a prediction."""


@dataclass(frozen=True)
class Prediction:
    """What a fit that did not see a figure says an office would count: draws in plain units, shape (draws,)."""

    id: str
    counted: Floats


def counted(unit: Unit, question: int, scores: Floats, random: Draws) -> Floats:
    """Return draws of what an office would count: emulator, luck of a run, and the measurement's noise.

    The luck is that of another run: what the place's other figures say of the luck of this one is not used, so a
    prediction is a little wider than the likelihood would have it.
    """
    mean, variance = (part[:, 0] for part in unit.predict(scores, [question]))
    measure = unit.asked[question].measure
    spread = np.sqrt(variance + measure.noise)
    return measure.backward(mean + spread * random.normal(len(mean)))


def left_out_alone(unit: Unit, settings: Settings, seed: int) -> dict[str, Prediction]:
    """Return a prediction of every figure by a fit of the place alone that did not see it."""
    pool, found = Pool((unit,)), {}
    for question, item in enumerate(unit.asked):
        if not item.binds:
            continue  # the fit never saw it
        without = frozenset({item.id})
        chains = pool.sample(settings.chains, settings.proof_steps, DRAWS // settings.chains, seed + question, without)
        random = Draws(seed + 1000 + question)
        found[item.id] = Prediction(item.id, counted(unit, question, pool.scores(chains.flat, 0), random))
    return found


def unit_left_out(pool: Pool, number: int, settings: Settings, seed: int) -> dict[str, Prediction]:
    """Return a prediction of every figure of one place by the fit of all others."""
    unit = pool.units[number]
    blind = frozenset({unit.id})
    chains = pool.sample(settings.chains, settings.proof_steps, DRAWS // settings.chains, seed + number, blind=blind)
    scores = pool.scores(chains.flat, number)
    random = Draws(seed + 5000 + number)
    return {
        item.id: Prediction(item.id, counted(unit, question, scores, random))
        for question, item in enumerate(unit.asked)
        if item.binds
    }


def record_of_prediction(prediction: Prediction, item: Asked) -> dict[str, Any]:
    """Return a prediction as diagnostics hold it: quantiles, whether the figure lies inside, and its score.

    The score is the continuous ranked probability score in the transformed unit: logarithms, or the rate of growth. A
    bound is scored against the count it stands for: a draw on the right side of it is not punished.
    """
    measure = item.measure
    values = measure.forward(prediction.counted)
    values = np.sort(values[np.isfinite(values)])
    quantiles = measure.backward(np.quantile(values, LEVELS))
    low, high = np.quantile(values, [0.05, 0.95])
    observed = measure.observed
    inside = {"at_least": high >= observed, "at_most": low <= observed}.get(measure.bound, low <= observed <= high)
    kept = values
    if isinstance(measure, Measurement) and measure.bound != "exact":
        # The count behind "over 30,000" is somewhere above it; what lies there counts as met.
        kept = np.minimum(values, observed) if measure.bound == "at_least" else np.maximum(values, observed)
    named = {
        f"p{int(level * 100):02d}": float(q)
        for level, q in zip(
            (0.05, 0.25, 0.5, 0.75, 0.95),
            measure.backward(np.quantile(values, [0.05, 0.25, 0.5, 0.75, 0.95])),
            strict=True,
        )
    }
    return {
        **named,
        "quantiles": [float(value) for value in quantiles],
        "inside": bool(inside),
        "crps": float(_crps(np.sort(kept), observed)),
        "unit": "log" if measure.in_logs else "plain",
    }


def _crps(ordered: Floats, observed: float) -> float:
    """Return E|X - y| - E|X - X'| / 2 of sorted draws."""
    count = len(ordered)
    weights = 2.0 * np.arange(1, count + 1) - count - 1.0
    return float(np.abs(ordered - observed).mean() - (weights * ordered).sum() / (count * count))
