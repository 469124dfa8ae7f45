"""Baselines in a constant world, one run for each posterior draw: what facts of firms and responses are measured on.

What was measured is kept beside the fit, read again by commands, pages and tests. A file says what it was made from:
one made from other draws or by another law says nothing of the fit any more.
"""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Literal, TypeVar

import numpy as np

from sim import workspace
from sim.calibrate.answering import answering_baselines, baseline_for, known_places, meant
from sim.calibrate.fits import known_fits, read_fit
from sim.errors import UserError
from sim.experiments.identity import code_hash, digest_of, layout_hash
from sim.experiments.parameter_draws import ParameterDraws, current_identity, fitted_draws, read_draws
from sim.experiments.runner import run_rows
from sim.experiments.store import Row
from sim.experiments.tasks import describe_failure, split_draw
from sim.experiments.toolbox import standard_toolbox
from sim.scenario.content_hash import scenario_hash
from sim.scenario.loader import load_to_run
from sim.scenario.steady import steady
from sim.whole import write_whole

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from sim.calibrate.algebra import Floats
    from sim.calibrate.answering import Answering
    from sim.calibrate.fits import Fit
    from sim.experiments.engine import Jobs
    from sim.experiments.progress import Progress
    from sim.model import ClusterModel
    from sim.scenario.resolved import Scenario

T = TypeVar("T")
MADE_FROM: Final = "made_from"
NUMBERS: Final = re.compile(r"\[[^\[\]{}\"]+\]")
"""A list of numbers, which is written on one line."""
MONTHS: Final = 12
Which = Literal["posterior", "assumed"]


@dataclass(frozen=True)
class StillBaseline:
    """A baseline in a constant world and the draws it is run with.

    Attributes
    ----------
    place
        As it was asked for.
    reference
        Baseline it is made of.
    scenario
        Steady, at the scale it is run at; its ranges are not drawn yet.
    draws
        Of its fit; without rows every run uses assumed values.
    years
        It lasts.
    """

    place: str
    reference: str
    scenario: Scenario
    draws: ParameterDraws
    years: int

    def draw(self, number: int) -> Mapping[str, float]:
        """Return the values of a draw, by dotted name."""
        return self.draws.values(number)

    def identity(self, **more: object) -> str:
        """Return a hash of everything that can change a number of a run."""
        now = current_identity()
        parts = {
            "scenario": scenario_hash(self.scenario),
            "draws": self.draws.digest,
            "priors": now.priors,
            "law": now.model_law,
            "layout": layout_hash(),
            "code": code_hash("calibrate", "sensitivity", "validation"),
            **more,
        }
        return digest_of(parts, 8)


def still_baseline(place: str, years: int, scale: int | None = None, which: Which = "posterior") -> StillBaseline:
    """Return the baseline of a place (or of this name) in a constant world.

    Parameters
    ----------
    years
        It lasts from its first month on.
    scale
        Firms that one simulated firm stands for; that of its file when None.
    which
        ``posterior``: draws of the baseline's fit, refused when there is none; ``assumed``: values of
        ``priors.toml``, ranges drawn.

    Raises
    ------
    UserError
        If nothing of this name has a baseline, or its fit cannot be used.
    """
    found = _answering(place)
    loaded = load_to_run(found.id)
    draws = fitted_draws(loaded) if which == "posterior" else ParameterDraws()
    if which == "posterior" and not draws.rows:
        raise UserError(
            f"{found.id} has no fit; make one: countysim calibrate {place}\n     with assumed values: --draws assumed"
        )
    scenario = replace(loaded.scenario, firms_per_agent=scale or loaded.scenario.firms_per_agent)
    return StillBaseline(place, found.id, steady(scenario, MONTHS * years), draws, years)


def fit_of_place(place: str) -> Fit | None:
    """Return the fit that the baseline of a place (or of this name) asks for, None when it is not there."""
    fit = _answering(place).fit
    return read_fit(fit) if fit in known_fits() else None


def _answering(place: str) -> Answering:
    """Return the baseline of a place, or of this name."""
    known, broken = answering_baselines()
    found = next((item for item in known if item.id == place), None) or baseline_for(place, known)
    if found is None:
        places = known_places(known, broken)
        raise UserError(f'no baseline answers for "{place}"{meant(place, places)}\n     known: {", ".join(places)}')
    return found


def begun(scenario: Scenario, number: int, draw: Mapping[str, float]) -> ClusterModel:
    """Return the model of a steady scenario after its burn-in, with one draw and the random draws of a replicate."""
    from sim.model import ClusterModel

    tools = standard_toolbox()
    drawn, given = split_draw(draw)
    realised = tools.realise(scenario, number, given=given)
    parameters = tools.load_parameters({**drawn, **scenario.parameters})
    return ClusterModel(realised, parameters, tools.replicate_seed(scenario.seed, number))


# --- measuring -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Measure:
    """What is measured on a draw: ``size`` numbers, those of each part in turn, as an error names it.

    ``kind`` is the folder of rows in the results; ``take`` returns the numbers of a part from a model at its first
    month.
    """

    kind: str
    parts: tuple[str, ...]
    take: Callable[[ClusterModel, str], Floats]
    size: int


@dataclass(frozen=True)
class Trial:
    """One draw that is measured."""

    number: int
    baseline: StillBaseline
    measure: Measure

    @property
    def nothing(self) -> Floats:
        """The row of a draw that failed."""
        return np.full(self.measure.size, np.nan)


def run_trial(trial: Trial) -> Row:
    """Begin a baseline with one draw and measure it; an error becomes that of the row."""
    started, part, error = time.perf_counter(), trial.measure.parts[0], ""
    try:
        model = begun(trial.baseline.scenario, trial.number, trial.baseline.draw(trial.number))
        found = []
        for part in trial.measure.parts:
            found.append(trial.measure.take(model, part))
        values = np.concatenate(found)
    except Exception as problem:
        failure = describe_failure(problem, None)
        at = ", ".join(filter(None, (f"draw {trial.number}", part)))
        values, error = trial.nothing, f"{at}: {failure.error} ({failure.where})"
    return Row(trial.number, values, error, time.perf_counter() - started)


def run_draws(
    baseline: StillBaseline,
    measure: Measure,
    draws: int,
    jobs: Jobs,
    progress: Progress | None,
    out: Path | None,
    **identity: object,
) -> tuple[Floats, tuple[str, ...]]:
    """Measure the draws that were not measured yet; return a row for each that did not fail, and errors of others.

    ``identity`` is what can change a number besides the baseline.

    Raises
    ------
    UserError
        When every draw failed.
    """
    folder = workspace.results_root(out) / measure.kind / f"{baseline.reference}--{baseline.identity(**identity)}"
    rows, errors = run_rows(folder, [Trial(n, baseline, measure) for n in range(draws)], run_trial, jobs, progress)
    fine = np.array([not error for error in errors])
    if not fine.any():
        raise UserError(f"{baseline.reference}: every draw failed\n     {errors[0]}")
    return rows[fine], tuple(filter(None, errors))


# --- beside a fit --------------------------------------------------------------------------------------------------


def made_from(fit: Fit) -> dict[str, Any]:
    """Return what a result measured now on a fit's draws depends on."""
    draws = read_draws(fit.id, fit.folder / "draws.csv")
    return {"draws": draws.digest, "law": current_identity().model_law}


def keep_beside(name: str, file: str, content: Mapping[str, Any]) -> Path:
    """Write a result beside the fit called ``name``, and return where."""
    fit = read_fit(name)
    path = fit.folder / file
    text = json.dumps({MADE_FROM: made_from(fit), **content}, ensure_ascii=False, indent=1, allow_nan=False)
    write_whole(path, NUMBERS.sub(lambda found: re.sub(r"\s+", " ", found[0]), text) + "\n")
    return path


def kept_beside(fit: Fit, file: str, read: Callable[[dict[str, Any]], T | None]) -> tuple[T | None, bool]:
    """Return the result kept beside a fit, None without one, and whether it belongs to the fit as it is now.

    Parameters
    ----------
    read
        Makes the result of what was kept; None for one of another form.

    Raises
    ------
    UserError
        If the file is damaged.
    """
    path = fit.folder / file
    if not path.is_file():
        return None, False
    try:
        content = dict(json.loads(path.read_text(encoding="utf-8")))
        current = content.pop(MADE_FROM) == made_from(fit)
        found = read(content)
    except (ValueError, KeyError, TypeError) as problem:
        raise UserError(f"{path} is damaged; remove it and make it again ({problem})") from None
    return found, current and found is not None
