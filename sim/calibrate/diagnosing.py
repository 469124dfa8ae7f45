"""What a fit tells of itself: figures, parameters, pairs, and the health of the sampler, as plain data.

Bands of figures are what an office would count: simulated through the reporting filter, with the measurement's noise.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from sim.calibrate import algebra
from sim.calibrate.measurement import SHIFT, load_widths
from sim.calibrate.ranking import simultaneous_band
from sim.calibrate.scores import BAND, LEVELS, band_by_name, clipped, covered, crps_of_samples
from sim.evidence import load_facts
from sim.reporting.recipes import Refusal, recipe_for
from sim.reporting.standing import standing
from sim.rules.elementary import exps, log, normal_quantiles

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sim.calibrate.algebra import Floats
    from sim.calibrate.fits import Settings
    from sim.calibrate.left_out import Joint, Prediction
    from sim.calibrate.measurement import Measurement
    from sim.calibrate.posterior import Pool, Unit
    from sim.calibrate.questions import Asked, Unused
    from sim.calibrate.ranking import Ranks
    from sim.calibrate.space import Dimension
    from sim.calibrate.trials import Baseline, Trials
    from sim.evidence import Fact

INFORMED: Final = 0.10
"""A parameter whose posterior variance (of scores) is smaller than the prior's by this share is informed by the
figures."""
SHIFTED: Final = 0.2
"""So did one whose posterior mean lies this many prior standard deviations off."""
UNPROVEN: Final = 0.01
"""A number is not called identified if its ranks over synthetic cases are even, or its intervals hold the truth nine
times in ten, with a chance no greater than this, or if no synthetic case tests it."""
ERRORS: Final = normal_quantiles((np.arange(101) + 0.5) / 101)
"""Equally likely errors that each run or draw is counted with, so that a band holds no Monte Carlo noise of a few draws
of them."""
LEAST_FULL: Final = 20
"""With fewer runs one to one there is no band of them."""
IDENTIFIED: Final = 0.2
"""A parameter whose variance fell by this share is called identified."""
PAIR: Final = 0.2
"""Correlations weaker than this are not listed."""
MOST_PAIRS: Final = 30


@dataclass(frozen=True)
class Fitted:
    """A baseline with its trials, its unit and the figures it does not use."""

    baseline: Baseline
    trials: Trials
    unit: Unit
    unused: tuple[Unused, ...]


def diagnostics_of(
    settings: Settings,
    own: Fitted,
    pool: Pool,
    number: int,
    sources: Floats,
    checked: Trials | None,
    full: Trials | None,
    left_out: Mapping[str, Prediction],
    blind: Mapping[str, Prediction] | None,
    ranks: Ranks | None,
    elsewhere: Sequence[Ranks],
    joint: Joint | None,
    health: Mapping[str, float],
) -> dict[str, Any]:
    """Return the content of ``diagnostics.json``.

    Parameters
    ----------
    own, number
        The baseline and its position in the pool.
    sources
        Posterior draws of the pool, shape (draws, sources).
    checked, full
        What the model gives at posterior draws, at the trials' scale and one to one.
    left_out, blind
        What an office would count, predicted without the figure, and without any figure of the place.
    ranks, elsewhere
        Of synthetic cases of this baseline, and of all baselines fitted with it.
    joint
        All printed growth of the pool, predicted together without any of it.
    """
    unit = pool.units[number]
    before = pool.prior(len(sources), settings.seed)
    prior, scores = pool.scores(before, number), pool.scores(sources, number)
    taught = {item.id: _taught(unit, item.id, scores) for item in unit.asked if not item.condition}
    figures = [
        _asked_record(pool, number, k, own, before, sources, checked, full)
        | {
            "taught": taught[item.id],
            "left_out": _prediction_record(left_out[item.id], item) if item.id in left_out else None,
            "from_others": _prediction_record(blind[item.id], item) if blind and item.id in blind else None,
        }
        for k, item in enumerate(unit.asked)
        if not item.condition
    ]
    return {
        "fit": {
            "id": settings.id,
            "scenario": settings.scenario,
            "places": [unit.id],
            "kind": "pooled" if pool.together else "alone",
            "together_with": [other.id for other in pool.units if other.id != unit.id],
            "trials": len(own.trials.errors),
            "failed_trials": own.trials.failed,
            "draws": settings.draws,
            "chains": settings.chains,
            **health,
        },
        "facts": [record for record in figures if not record["id"].startswith("moment.")] + _unused_records(own, unit),
        "moments": [record for record in figures if record["id"].startswith("moment.")],
        "parameters": _parameter_records(unit, prior, scores, ranks, elsewhere, _looked_at(pool)),
        "pairs": _pairs(unit, scores),
        "ranks": None if ranks is None else _ranks_record(ranks),
        "shift": _shift_record(pool, sources),
        "joint_growth": None if joint is None else _joint_record(joint),
    }


# --- figures ---


def _asked_record(
    pool: Pool,
    number: int,
    question: int,
    own: Fitted,
    prior: Floats,
    sources: Floats,
    checked: Trials | None,
    full: Trials | None,
) -> dict[str, Any]:
    """Return what diagnostics hold of a figure or ratio that the fit used."""
    unit = pool.units[number]
    item, emulator = unit.asked[question], unit.emulators[question]
    measure = item.measure
    column = own.baseline.asked.index(item)
    posterior = _expected(pool, number, question, sources)
    error = pool.common_error(measure, sources)
    seen = _seen(checked, column, measure, error)
    whole = _seen(full, column, measure, error)
    best = seen or posterior
    observed = float(measure.backward(measure.observed))
    bound = item.fact.bound if item.fact is not None and measure.bound == "exact" else measure.bound
    record: dict[str, Any] = {
        "id": item.id,
        "place": item.fact.place if item.fact is not None else unit.id,
        "used": "fitted" if not item.starts else "start" if item.binds else "range",
        "why": "",
        "why_zh": "",
        "variable": item.fact.variable if item.fact is not None else item.id,
        "bound": bound,
        "value": observed,
        "unit": item.fact.unit_plain if item.fact is not None else "share",
        "in_logs": measure.in_logs,
        "width": measure.width,
        "coverage": measure.coverage,
        "common": measure.common,
        "common_deviation": measure.common_deviation,
        "far": measure.far,
        "prior": _expected(pool, number, question, prior),
        "posterior": posterior,
        "checked": seen,
        "checked_full": whole,
        "of_place": _of_place(pool, number, question, sources) if item.fact and item.fact.kind == "growth" else None,
        "check_runs": 0 if checked is None else len(checked.errors),
        "check_runs_full": 0 if full is None else len(full.errors),
        # The width of "about" is in the band already, so such a figure is held against it like an exact one.
        "standing": standing(observed, measure.bound, best["p05"], best["p95"]),
        "emulator": {
            "share_explained": emulator.explained,
            "error": emulator.error,
            "active": [unit.space.names[k] for k in emulator.active],
        },
    }
    if item.moment is not None:
        record |= {"about": item.moment.about, "about_zh": item.moment.about_zh, "source": item.moment.source}
    return record


def _seen(trials: Trials | None, column: int, measure: Measurement, error: Floats | None) -> dict[str, float] | None:
    """Return the band of what an office would count of the model's own runs.

    Parameters
    ----------
    error
        What the figure has in common with others, for each posterior draw; the runs are at the first of them.
    """
    if trials is None:
        return None
    values = measure.forward(trials.values[:, column])
    noise = measure.noise
    if error is not None:
        values, noise = values + error[: len(values)], measure.own.noise
    values = values[np.isfinite(values)]
    if values.size < LEAST_FULL:
        return None
    return _band(measure.backward((values[:, None] + np.sqrt(noise) * ERRORS).ravel()))


def _expected(pool: Pool, number: int, question: int, sources: Floats) -> dict[str, float]:
    """Return the band of what an office would count according to the emulator."""
    mean, variance = pool.counted(sources, number, question)
    counted = mean[:, None] + np.sqrt(variance)[:, None] * ERRORS
    return _band(pool.units[number].asked[question].measure.backward(counted.ravel()))


def _of_place(pool: Pool, number: int, question: int, sources: Floats) -> dict[str, float]:
    """Return the band of growth of the place itself, without what print adds, according to the emulator."""
    mean, variance = pool.units[number].predict(pool.scores(sources, number), [question])
    return _band((mean + np.sqrt(variance) * ERRORS).ravel())


def _shift_record(pool: Pool, sources: Floats) -> dict[str, Any] | None:
    """Return what printed growth of totals exceeds growth of places by; None where no other figure says anything of it.

    ``score`` is standard normal before any figure; the bands are of a figure that does not say its basis, as rates.
    """
    column = pool.columns.get(SHIFT)
    if column is None:
        return None
    score, widths = sources[:, column], load_widths()
    deviation = widths.shift_deviation * widths.loading_not_stated
    before = deviation * normal_quantiles(np.array(BAND))
    return {
        "score": {"mean": float(score.mean()), "deviation": float(score.std())},
        "prior": band_by_name(before),
        "posterior": _band(deviation * score),
    }


def _joint_record(joint: Joint) -> dict[str, Any]:
    spread = np.sqrt(np.diagonal(joint.covariance))
    return {
        "figures": list(joint.ids),
        "observed": joint.observed.tolist(),
        "mean": joint.mean.tolist(),
        "deviation": spread.tolist(),
        "correlation": (joint.covariance / np.outer(spread, spread)).tolist(),
        "distance": joint.distance,
        "p": joint.p,
        "z": joint.z,
        "pits": joint.pits.tolist(),
    }


def _band(values: Floats) -> dict[str, float]:
    return band_by_name(np.quantile(values, BAND))


def _prediction_record(found: Prediction, item: Asked) -> dict[str, Any]:
    """Return a prediction as diagnostics hold it: quantiles, whether the figure lies inside, and its score.

    The score is the continuous ranked probability score in the transformed unit: logarithms, or the rate of growth. A
    bound is scored against the count it stands for: a draw on the right side of it is not punished.
    """
    measure = item.measure
    values = measure.forward(found.counted)
    values = values[np.isfinite(values)]
    quantiles = measure.backward(np.quantile(values, LEVELS))
    low, high = np.quantile(values, [0.05, 0.95])
    observed = measure.observed
    return {
        **band_by_name(measure.backward(np.quantile(values, BAND))),
        "quantiles": [float(value) for value in quantiles],
        "inside": bool(covered(observed, measure.bound, low, high)),
        "crps": crps_of_samples(clipped(values, observed, measure.bound), observed),
        "log_score": None if found.log_density is None else -found.log_density,
        "unit": "log" if measure.in_logs else "plain",
    }


def _taught(unit: Unit, identifier: str, scores: Floats) -> float:
    """Return the nats a figure adds: how much its likelihood at the posterior exceeds that averaged over the posterior.

    With ``l`` the figure's likelihood, ``E[log l] - log E'[l]`` is the Kullback-Leibler divergence of the posterior
    from the one without the figure, where ``E'`` is over the latter: ``1 / E[1 / l]`` over the former.
    """
    everything = unit.log_likelihood(scores)
    others = unit.log_likelihood(scores, frozenset({identifier}))
    own = everything - others
    own = own[np.isfinite(own)]
    if own.size == 0:
        return 0.0
    low = own.min()
    harmonic = low - log(float(np.mean(exps(low - own))))
    return float(max(0.0, own.mean() - harmonic))


def _unused_records(own: Fitted, unit: Unit) -> list[dict[str, Any]]:
    """Return every reported figure the fit does not use, with the reason."""
    known = {item.fact.id for item in unit.asked if item.fact is not None}
    reasons = {item.fact.id: (item.en, item.zh) for item in own.unused}
    found = []
    for fact in load_facts():
        if fact.id in known:
            continue
        why, why_zh = reasons.get(fact.id) or _general_reason(fact)
        found.append(
            {
                "id": fact.id,
                "place": fact.place,
                "used": "no",
                "why": why,
                "why_zh": why_zh,
                "variable": fact.variable,
                "bound": fact.bound,
                "value": fact.value_plain,
                "unit": fact.unit_plain,
            }
        )
    return found


def _general_reason(fact: Fact) -> tuple[str, str]:
    recipe = recipe_for(fact)
    if isinstance(recipe, Refusal):
        return recipe.en, recipe.zh
    return f"about {fact.place}, which this fit does not simulate", f"属于{fact.place}，本拟合未推演"


# --- parameters ---


def _parameter_records(
    unit: Unit,
    prior: Floats,
    scores: Floats,
    ranks: Ranks | None,
    elsewhere: Sequence[Ranks],
    looked_at: frozenset[str],
) -> list[dict[str, Any]]:
    found = []
    for k, item in enumerate(unit.space.dimensions):
        column = scores[:, k]
        before = prior[:, k]
        contraction = 1.0 - float(column.var() / before.var())
        shift = float((column.mean() - before.mean()) / before.std())
        own = ranks if ranks is not None and item.name in ranks.names else None
        tests = _tests_of(item.name, own, elsewhere)
        unproven = any(_fails(one, item.name) for one in tests)
        informed = item.name in looked_at and (contraction >= INFORMED or abs(shift) >= SHIFTED)
        known = informed and contraction >= IDENTIFIED
        found.append(
            {
                "name": item.name,
                "kind": item.kind,
                "varies": item.varies,
                "unit": item.unit,
                "about": item.about,
                "low": item.low,
                "high": item.high,
                "shape": item.shape,
                "prior": _three(item, np.array([-1.6448536, 0.0, 1.6448536])),
                "posterior": _three(item, np.quantile(column, [0.05, 0.5, 0.95])),
                "contraction": contraction,
                "shift": shift,
                "informed": bool(informed),
                "identified": bool(known and tests and not unproven),
                "taught_by": _teacher(unit, k) if informed else None,
                "untested": bool(known and not tests),
                "unproven": bool(unproven),
                "rank_p": None if own is None else own.rank_p(item.name),
                "recovered": None if own is None else own.coverage(item.name),
                "recovered_p": None if own is None else own.coverage_p(item.name),
            }
        )
    return found


def _tests_of(name: str, own: Ranks | None, elsewhere: Sequence[Ranks]) -> list[Ranks]:
    """Return the synthetic cases that test a number: the baseline's own, or of all baselines whose figures move it."""
    return [own] if own is not None else [one for one in elsewhere if name in one.names]


def _fails(ranks: Ranks, name: str) -> bool:
    return ranks.rank_p(name) <= UNPROVEN or ranks.coverage_p(name) <= UNPROVEN


def _looked_at(pool: Pool) -> frozenset[str]:
    """Return the names that an emulator of any unit looks at: what one place informs, others share."""
    return frozenset(unit.space.names[k] for unit in pool.units for k in unit.active)


def _three(item: Dimension, scores: Floats) -> dict[str, float]:
    low, middle, high = item.value(scores).tolist()
    return {"p05": low, "p50": middle, "p95": high}


def _teacher(unit: Unit, dimension: int) -> str | None:
    """Return the figure whose emulator moves most with a dimension, in units of its own error and width."""
    best, strongest = None, 0.0
    for item, emulator in zip(unit.asked, unit.emulators, strict=True):
        if not item.binds:
            continue
        slope = math.fsum(
            float(c) * float(c)
            for term, c in zip(emulator.terms, emulator.coefficients, strict=True)
            if any(position == dimension for position, _ in term.factors)
        )
        strength = slope / (emulator.error * emulator.error + item.measure.noise)
        if strength > strongest:
            best, strongest = item.id, strength
    return best


def _pairs(unit: Unit, scores: Floats) -> list[dict[str, Any]]:
    """Return the pairs of numbers that the figures tie to each other, strongest first."""
    active = sorted(unit.active)
    if len(active) < 2:
        return []
    correlation = algebra.correlation(scores[:, active])
    found: list[dict[str, Any]] = [
        {"a": unit.space.names[a], "b": unit.space.names[b], "correlation": float(correlation[i, j])}
        for i, a in enumerate(active)
        for j, b in enumerate(active)
        if i < j and abs(correlation[i, j]) >= PAIR
    ]
    return sorted(found, key=lambda pair: -abs(pair["correlation"]))[:MOST_PAIRS]


def _ranks_record(ranks: Ranks) -> dict[str, Any]:
    """Return rank distribution functions with their band, how often intervals held the truth, and self-consistency."""
    low, high = simultaneous_band(ranks.ranks.shape[0])
    mean, spread = ranks.averaged.mean(axis=0), ranks.averaged.std(axis=0)
    return {
        "cases": int(ranks.ranks.shape[0]),
        "coverage": float(ranks.inside.mean()) if ranks.inside.size else 1.0,
        "ecdf": {name: ranks.ecdf(name).tolist() for name in ranks.names},
        "band": [low.tolist(), high.tolist()],
        "outside": [name for name in ranks.names if ranks.leaves_band(name)],
        "averaged": {
            name: {"mean": float(mean[k]), "deviation": float(spread[k]), "p": ranks.averaged_p(name)}
            for k, name in enumerate(ranks.names)
        },
    }
