"""A study on disk: its settings and rows, so that it can be told of without the scenarios it was made from."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sim import workspace
from sim.calibrate.sensitivity_inputs import Input, point_of
from sim.errors import UserError
from sim.experiments.identity import folder_name
from sim.experiments.store import read_rows
from sim.observables import Observable, recorded
from sim.whole import write_whole

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

SETTINGS = "settings.json"


@dataclass(frozen=True)
class Side:
    """Scenario or baseline of a study."""

    id: str
    name: str
    name_zh: str
    reference: str


@dataclass(frozen=True)
class StudySettings:
    """What a study was made from.

    Attributes
    ----------
    places
        Id, English and Chinese name of each.
    policies
        Type, English and Chinese name of each policy of either side, by id.
    calibration
        Fit whose draws were used; empty for none.
    world_note
        Why the world was left alone: ``different`` in the two, or no others reach as far (``short``); else empty.
    """

    scenario: Side
    baseline: Side
    overrides: tuple[str, ...]
    places: tuple[tuple[str, str, str], ...]
    policies: Mapping[str, tuple[str, str, str]]
    calibration: str
    world_note: str
    seed: int
    scale: int
    years: tuple[int, ...]
    inputs: tuple[Input, ...]
    model_version: int
    version: str

    @property
    def observables(self) -> tuple[Observable, ...]:
        """What is kept of both sides, in order."""
        return recorded(kind for kind, _, _ in self.policies.values())


@dataclass(frozen=True)
class Study:
    """Trials of a study that did not fail.

    Attributes
    ----------
    coordinates, values
        Inputs, shape (trials, inputs).
    b, a
        Observables of scenario and baseline, shape (trials, years, observables), plain units.
    points
        Number of the point each was run at.
    asked
        Trials there are, failed ones included.
    errors
        Of the failed ones.
    """

    folder: Path
    settings: StudySettings
    coordinates: Floats
    values: Floats
    b: Floats
    a: Floats
    points: Integers
    asked: int
    errors: tuple[str, ...]

    @property
    def n(self) -> int:
        """Trials that did not fail."""
        return len(self.points)

    @classmethod
    def of(cls, folder: Path, settings: StudySettings, numbers: Integers, rows: Floats, errors: Sequence[str]) -> Study:
        """Return a study from its rows (``sim.calibrate.sensitivity.run_pair``)."""
        inputs, years = len(settings.inputs), len(settings.years)
        fine = np.array([not error for error in errors], dtype=bool)
        own = rows[fine]
        shape = (len(own), years, len(settings.observables))
        middle = 2 * inputs + years * len(settings.observables)
        return cls(
            folder=folder,
            settings=settings,
            coordinates=own[:, :inputs],
            values=own[:, inputs : 2 * inputs],
            b=own[:, 2 * inputs : middle].reshape(shape),
            a=own[:, middle:].reshape(shape),
            points=np.array([point_of(number) for number in numbers[fine].tolist()], dtype=np.int64),
            asked=len(rows),
            errors=tuple(error for error in errors if error),
        )


def write_settings(folder: Path, settings: StudySettings) -> None:
    """Write the settings of a study, whole or not at all."""
    write_whole(folder / SETTINGS, json.dumps(asdict(settings), ensure_ascii=False, indent=1) + "\n")


def read_study(folder: Path) -> Study:
    """Return a study with all the rows its folder holds.

    Raises
    ------
    UserError
        When it is damaged or holds no rows.
    """
    settings = _read_settings(folder / SETTINGS)
    rows = read_rows(folder)
    if not rows:
        raise UserError(f"{folder}: no trial is finished\n     {command(settings)}")
    numbers = sorted(rows)
    sizes = {len(rows[number].values) for number in numbers}
    if sizes != {2 * len(settings.inputs) + 2 * len(settings.years) * len(settings.observables)}:
        raise UserError(f"{folder} was made by another version; run it again\n     {command(settings)}")
    values = np.stack([rows[number].values for number in numbers])
    return Study.of(folder, settings, np.array(numbers), values, [rows[number].error for number in numbers])


def command(settings: StudySettings) -> str:
    """Return the command that runs a study."""
    import shlex

    words = ["countysim", "sensitivity", settings.scenario.reference, settings.baseline.reference]
    words += ["--scale", str(settings.scale), "--seed", str(settings.seed)]
    for text in settings.overrides:
        words += ["--set", text]
    return shlex.join(words)


def _read_settings(path: Path) -> StudySettings:
    try:
        raw: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        raw["scenario"], raw["baseline"] = Side(**raw["scenario"]), Side(**raw["baseline"])
        raw["places"] = tuple((name, english, chinese) for name, english, chinese in raw["places"])
        raw["policies"] = {name: tuple(item) for name, item in raw["policies"].items()}
        raw["overrides"], raw["years"] = tuple(raw["overrides"]), tuple(raw["years"])
        raw["inputs"] = tuple(
            Input(**{**item, "levels": tuple(tuple(level) for level in item["levels"])}) for item in raw["inputs"]
        )
        return StudySettings(**raw)
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise UserError(f"{path} is damaged; remove its folder and run the study again") from problem


def find_study(scenario: str, baseline: str, out: Path | None = None) -> Study:
    """Return the study of two scenarios that was worked on last.

    Parameters
    ----------
    scenario, baseline
        Ids; for a scenario file its id is looked up.

    Raises
    ------
    UserError
        When there is none; the message names the command that makes it.
    """
    one, two = (_id(reference) for reference in (scenario, baseline))
    root = workspace.results_root(out) / "sensitivity"
    prefix = f"{folder_name(one)}--vs--{folder_name(two)}--"
    found = [path for path in sorted(root.glob("*")) if path.name.startswith(prefix) and (path / SETTINGS).is_file()]
    found = [path for path in found if "--" not in path.name.removeprefix(prefix)]
    if not found:
        raise UserError(
            f"no study of {scenario} against {baseline} in {root}\n"
            f"     make it: countysim sensitivity {scenario} {baseline}"
        )
    return read_study(max(found, key=lambda path: (_touched(path), path.name)))


def _id(reference: str) -> str:
    if ".toml" not in reference:
        return reference
    from sim.scenario.loader import load

    return load(reference).scenario.id


def _touched(folder: Path) -> float:
    return max(path.stat().st_mtime for path in folder.glob("*") if path.is_file())
