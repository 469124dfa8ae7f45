"""Fits on disk: ``calibration/fits/<id>/`` with settings, draws and diagnostics, and whether one may still be used."""

from __future__ import annotations

import json
from dataclasses import MISSING, asdict, dataclass, fields
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, get_type_hints

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from sim import workspace
from sim.calibrate.measurement import SHIFT
from sim.calibrate.scores import LEVELS
from sim.errors import UserError
from sim.experiments.parameter_draws import SAFE_NAME, FitIdentity, identity_of, refusal
from sim.inputs.files import InputFile, read_text
from sim.inputs.problems import InputErrors, Problem, Spot
from sim.inputs.quantities import table_with
from sim.reporting.standing import Standing
from sim.whole import write_whole

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from sim.calibrate.algebra import Floats
    from sim.calibrate.measurement import Measurement

SETTINGS: Final = "settings.toml"
DRAWS: Final = "draws.csv"
DIAGNOSTICS: Final = "diagnostics.json"


@dataclass(frozen=True)
class Settings:
    """Everything that makes a fit, to the bit.

    Attributes
    ----------
    scenarios
        Baselines fitted together, in order; the first of a fit alone is its own.
    scales
        Simulated firms' size in the trials of each: firms that one simulated firm stands for.
    first, second
        Trials of each baseline spread over the prior, and drawn from what the first ones leave likely.
    chains, steps, draws
        Of the sampler: parallel chains, steps of each, draws kept.
    proof_steps
        Steps of chains that leave a figure or a place out; of each synthetic case twice as many.
    """

    id: str
    scenario: str
    scenarios: tuple[str, ...]
    scales: tuple[int, ...]
    first: tuple[int, ...]
    second: tuple[int, ...]
    seed: int = 1
    chains: int = 32
    steps: int = 6000
    proof_steps: int = 2000
    draws: int = 512
    identity: FitIdentity | None = None

    def text(self) -> str:
        """Return the content of ``settings.toml``."""
        lines = [
            "# A fit of parameters to reported figures. Everything needed to repeat it:",
            f"#   countysim calibrate --settings calibration/fits/{self.id}/{SETTINGS}",
        ]
        for name, value in asdict(self).items():
            if name != "identity":
                lines.append(f"{name} = {json.dumps(value)}")
        if self.identity is not None:
            lines += [
                "",
                "[identity]",
                *(f"{name} = {json.dumps(value)}" for name, value in asdict(self.identity).items()),
            ]
        return "\n".join(lines) + "\n"


_TYPES: dict[str, Any] = {**get_type_hints(Settings), "identity": dict[str, Any] | None}
_SettingsFile = table_with(
    {
        item.name: _TYPES[item.name] if item.default is MISSING else (_TYPES[item.name], item.default)
        for item in fields(Settings)
    }
)
"""What a settings file may hold: what makes a fit, and the identity as it is written."""


# --- what diagnostics hold (sim/calibrate/diagnosing.py); readers may rely on every part named here ---


class _Part(BaseModel):
    model_config = ConfigDict(strict=True, allow_inf_nan=False)


class _Ends(_Part):
    """Quantiles of a number before or after the fit."""

    p05: float
    p50: float
    p95: float

    @model_validator(mode="after")
    def _in_order(self) -> _Ends:
        if self.p05 > self.p95:
            raise ValueError("p05 exceeds p95")
        return self


class _Band(_Ends):
    p25: float
    p75: float


class _Prediction(_Part):
    """A figure predicted by a fit without it."""

    quantiles: Annotated[list[float], Field(min_length=len(LEVELS), max_length=len(LEVELS))]
    inside: bool
    crps: float
    log_score: float | None = None


class _Unused(_Part):
    id: str
    place: str
    used: Literal["no"]
    why: str
    why_zh: str
    variable: str


class _Used(_Part):
    id: str
    place: str
    used: Literal["fitted", "start", "range"]
    why: str
    why_zh: str
    variable: str
    bound: Literal["exact", "at_least", "at_most", "about"]
    value: float
    unit: str
    in_logs: bool
    prior: _Band
    posterior: _Band
    checked: _Band | None
    checked_full: _Band | None
    of_place: _Band | None = None
    check_runs: int
    check_runs_full: int
    standing: Standing
    taught: float
    left_out: _Prediction | None
    from_others: _Prediction | None


class _Number(_Part):
    name: str
    kind: Literal["parameter", "start", "range"]
    varies: str
    unit: str
    about: str
    prior: _Ends
    posterior: _Ends
    contraction: float
    informed: bool
    identified: bool
    taught_by: str | None
    untested: bool
    unproven: bool
    rank_p: float | None


class _Head(_Part):
    id: str
    scenario: str
    places: list[str]
    kind: Literal["alone", "pooled"]
    together_with: list[str] = []
    trials: int
    draws: int


class _Pair(_Part):
    a: str
    b: str
    correlation: float


class _Averaged(_Part):
    p: float


class _Ranks(_Part):
    cases: int
    coverage: float
    ecdf: dict[str, list[int]] = {}  # fits of an earlier version have none
    outside: list[str] = []
    averaged: dict[str, _Averaged] = {}


class _Score(_Part):
    mean: float
    deviation: float


class _Shift(_Part):
    score: _Score
    posterior: _Band


class _Joint(_Part):
    figures: list[str]
    p: float
    z: float
    pits: Annotated[list[float], Field(min_length=1)]


class _Service(_Part):
    least: float
    checked: int
    discarded: int


class _Diagnostics(_Part):
    fit: _Head
    facts: list[Annotated[_Used | _Unused, Field(discriminator="used")]]
    moments: list[_Used] = []
    parameters: list[_Number] = []
    pairs: list[_Pair] = []
    ranks: _Ranks | None = None
    shift: _Shift | None = None
    joint_growth: _Joint | None = None
    service: _Service | None = None


@dataclass(frozen=True)
class Fit:
    """A fit as it lies on disk."""

    id: str
    folder: Path
    settings: Settings
    diagnostics: Mapping[str, Any]

    @property
    def shift(self) -> tuple[float, float] | None:
        """What it says of the shift of printed growth: mean and deviation of its score; None without."""
        found = self.diagnostics.get("shift")
        return None if found is None else (float(found["score"]["mean"]), float(found["score"]["deviation"]))

    @property
    def refusal(self) -> Problem | None:
        """Why the program may not use it any more, None when it may."""
        return refusal(self.folder / SETTINGS)


def read_settings(path: Path) -> Settings:
    """Read a settings file.

    Raises
    ------
    UserError
        If it is missing, no TOML, or has other keys than a settings file.
    """
    file = InputFile(path)
    found = file.check(_SettingsFile, file.data)
    identity = None
    if found is not None and found.identity is not None:
        try:
            identity = identity_of(found.identity)
        except (AttributeError, TypeError):
            file.note("no_identity", "identity")
    file.findings.stop_if_wrong()
    return Settings(**{**dict(found or ()), "identity": identity})


def fit_folders() -> tuple[Path, ...]:
    """Return the folders of fits, those of the workspace before those of the library."""
    return tuple(folder / "fits" for folder in workspace.folders("calibration"))


def read_fit(identifier: str) -> Fit:
    """Return a fit.

    Raises
    ------
    UserError
        If there is none of this name, or its files are not those of a fit.
    """
    if not SAFE_NAME.fullmatch(identifier):
        raise UserError(f'fit "{identifier}": use small letters, digits and hyphens only')
    for parent in fit_folders():
        folder = parent / identifier
        if (folder / SETTINGS).is_file():
            return _read(identifier, folder)
    known = ", ".join(known_fits()) or "none yet"
    raise UserError(f'no fit is called "{identifier}"\n     known: {known}\n     make one: countysim calibrate PLACE')


def known_fits() -> list[str]:
    """Return the names of all fits there are."""
    return sorted({path.parent.name for folder in fit_folders() for path in folder.glob(f"*/{SETTINGS}")})


def as_the_fit_knows(measure: Measurement, identifier: str) -> Measurement:
    """Return how a figure binds with what a fit has learnt of the shift of printed growth; as before without one."""
    if measure.common != SHIFT or identifier not in known_fits():
        return measure
    known = read_fit(identifier).shift
    return measure if known is None else measure.informed(*known)


def _read(identifier: str, folder: Path) -> Fit:
    settings, path = read_settings(folder / SETTINGS), folder / DIAGNOSTICS
    text, line = read_text(path), 0
    try:
        diagnostics = json.loads(text)
        _Diagnostics.model_validate(diagnostics)
        return Fit(identifier, folder, settings, diagnostics)
    except ValidationError as problem:
        first = problem.errors(include_url=False)[0]
        what = f"{'.'.join(map(str, first['loc'])) or DIAGNOSTICS}: {first['msg']}"
    except (ValueError, RecursionError) as problem:
        what, line = str(problem), getattr(problem, "lineno", 0)
    raise InputErrors([Problem("damaged_fit", Spot.at(path, line), {"fit": identifier, "what": what})])


def write_fit(
    folder: Path,
    settings: Settings,
    names: Sequence[str],
    draws: Floats,
    diagnostics: Mapping[str, Any],
) -> None:
    """Write a fit, each file under a temporary name and then renamed, settings last: a fit is whole or absent.

    Parameters
    ----------
    names, draws
        Dotted names and paths, and values of shape (draws, names): a counter, then one column a number, to six
        significant digits.
    """
    rows = [",".join(["draw", *names])]
    rows += [",".join([str(number), *(f"{value:.6g}" for value in row)]) for number, row in enumerate(draws)]
    write_whole(folder / DRAWS, "\n".join(rows) + "\n")
    write_whole(folder / DIAGNOSTICS, json.dumps(diagnostics, indent=1, ensure_ascii=False, allow_nan=False) + "\n")
    write_whole(folder / SETTINGS, settings.text())


def evenly(draws: Floats) -> Floats:
    """Return draws in an order in which the first ones, however few, lie about as all do.

    Runs use the first draws of a fit, and 24 as they come from the chains may lie to one side of what matters. Herding
    (Welling 2009): each draw is the one after which the mean of all so far comes nearest to the mean of all, of every
    number and of its square. A number that does not vary counts for nothing; of draws as good the earlier goes first.
    """
    varies = draws.max(axis=0) > draws.min(axis=0)
    away = draws[:, varies] - draws[:, varies].mean(axis=0)
    scores = away / np.sqrt((away * away).mean(axis=0))
    features = np.concatenate([scores, scores * scores - 1.0], axis=1)
    length = (features * features).sum(axis=1)
    so_far, left, order = np.zeros(features.shape[1]), np.ones(len(draws), dtype=bool), []
    for _ in range(len(draws)):
        farther = 2.0 * (features * so_far).sum(axis=1) + length
        order.append(int(np.argmin(np.where(left, farther, np.inf))))
        left[order[-1]] = False
        so_far += features[order[-1]]
    return draws[order]


def rounded(draws: Floats) -> Floats:
    """Return draws as ``draws.csv`` holds them."""
    return np.array([[float(f"{value:.6g}") for value in row] for row in draws])
