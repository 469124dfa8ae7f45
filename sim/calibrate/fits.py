"""Fits on disk: ``calibration/fits/<id>/`` with settings, draws and diagnostics, and whether one may still be used."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from sim import workspace
from sim.calibrate.measurement import SHIFT
from sim.errors import UserError
from sim.experiments.parameter_draws import SAFE_NAME, FitIdentity, identity_of, refusal
from sim.inputs.files import InputFile
from sim.inputs.problems import InputErrors
from sim.whole import write_whole

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from sim.calibrate.algebra import Floats
    from sim.calibrate.measurement import Measurement
    from sim.inputs.problems import Problem

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
    raw, identity = file.without(("identity",)), file.data.get("identity")
    known = Settings.__dataclass_fields__
    unknown = sorted(raw.keys() - known.keys())
    missing = sorted(name for name in ("id", "scenario", "scenarios", "scales", "first", "second") if name not in raw)
    for name in unknown:
        file.add((name,), f"unknown key {name}")
    for name in missing:
        file.add((), f"missing key {name}")
    file.findings.stop_if_wrong()
    values: dict[str, Any] = {name: tuple(item) if isinstance(item, list) else item for name, item in raw.items()}
    try:
        return Settings(**values, identity=None if identity is None else identity_of(identity))
    except (AttributeError, TypeError) as problem:
        file.add(("identity",), f"[identity] is not that of a fit ({problem})")
        raise InputErrors(file.findings.errors) from None


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
    settings = read_settings(folder / SETTINGS)
    try:
        diagnostics = json.loads((folder / DIAGNOSTICS).read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        raise UserError(f"{folder / DIAGNOSTICS} cannot be read ({problem}); fit again") from None
    return Fit(identifier, folder, settings, diagnostics)


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
