"""Leaving something out and predicting it: one figure at a time, and all figures of one place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from sim.calibrate.chance import Draws
from sim.calibrate.posterior import Pool
from sim.calibrate.scores import BAND, LEVELS, band_by_name, clipped, covered, crps_of_samples

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sim.calibrate.fits import Settings
    from sim.calibrate.posterior import Unit
    from sim.calibrate.questions import Asked

    Floats = NDArray[np.float64]

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
    values = values[np.isfinite(values)]
    quantiles = measure.backward(np.quantile(values, LEVELS))
    low, high = np.quantile(values, [0.05, 0.95])
    observed = measure.observed
    return {
        **band_by_name(measure.backward(np.quantile(values, BAND))),
        "quantiles": [float(value) for value in quantiles],
        "inside": bool(covered(observed, measure.bound, low, high)),
        "crps": crps_of_samples(clipped(values, observed, measure.bound), observed),
        "unit": "log" if measure.in_logs else "plain",
    }
