"""Which baselines there are to fit, and the settings a fit of them has by default."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sim import workspace
from sim.calibrate.fits import Settings
from sim.calibrate.questions import own_places
from sim.calibrate.space import MOST_PLACES
from sim.errors import UserError
from sim.evidence import load_facts
from sim.experiments.parameter_draws import SAFE_NAME

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sim.scenario.resolved import Scenario

FIRST: Final = 512
SECOND: Final = 128
SCALE: Final = 20
"""Trials and scale of one place. Figures leave most of the prior likely, so most trials are spread over all of it."""
FIRST_OF_SET: Final = 128
SECOND_OF_SET: Final = 32
"""Trials of a large set, one of which takes as long as dozens of one place."""
FIRST_WITHOUT: Final = 128
SECOND_WITHOUT: Final = 32
"""Trials of a place without a figure of its own."""
LARGE: Final = 100
"""Places from which on a set is large."""
STEPS: Final = 6000
STEPS_TOGETHER: Final = 12000
"""Steps of each chain: places fitted together tie more numbers to each other, and chains move more slowly."""


def all_baselines() -> dict[str, Scenario]:
    """Return the baseline of every place or set that has one, by its id, in the order of their files.

    A place in several baselines counts with the one it is alone in; of two of the same places the first by name.
    """
    from sim.scenario.loader import load

    found: dict[str, Scenario] = {}
    for folder in workspace.folders("scenarios"):
        for path in sorted(folder.glob("*.toml")):
            if not any(line.replace(" ", "") == 'kind="baseline"' for line in _head(path.read_text("utf-8-sig"))):
                continue
            scenario = load(path.stem).scenario
            places = own_places(scenario)
            if scenario.kind == "baseline" and places:
                found.setdefault(places[0], scenario)
    return found


def _head(text: str) -> list[str]:
    """Return the lines of a file above its first table, comments cut off."""
    lines = [line.split("#")[0].strip() for line in text.splitlines()]
    first = next((number for number, line in enumerate(lines) if line.startswith("[")), len(lines))
    return lines[:first]


def _reported(scenario: Scenario) -> bool:
    """Return whether any figure of the scenario's places may enter a fit."""
    places = own_places(scenario)
    return any(fact.place in places and fact.for_calibration for fact in load_facts())


def _trials(scenario: Scenario) -> tuple[int, int]:
    """Return the usual numbers of trials of a baseline, first and second."""
    if not _reported(scenario):
        return FIRST_WITHOUT, SECOND_WITHOUT
    return (FIRST_OF_SET, SECOND_OF_SET) if len(scenario.places) >= LARGE else (FIRST, SECOND)


def settings_for(
    chosen: Mapping[str, Scenario],
    identifier: str | None,
    first: int | None,
    second: int | None,
    scale: int | None,
    seed: int,
) -> list[Settings]:
    """Return the settings of fits of some baselines, together when they are several.

    Parameters
    ----------
    identifier
        Of the fit of one place; None for ``PLACE-own`` alone and ``PLACE-r1`` together.
    first, second, scale
        Trials and scale of every baseline; None for what suits it.
    """
    for text, number, least in (("--first", first, 64), ("--second", second, 0), ("--scale", scale, 1)):
        if number is not None and number < least:
            raise UserError(f"{text} {number}: must be {least} or more")
    if identifier is not None and not SAFE_NAME.fullmatch(identifier):
        raise UserError(f'--id "{identifier}": use small letters, digits and hyphens only')
    scenarios = tuple(chosen.values())
    several = [len(scenario.places) > MOST_PLACES for scenario in scenarios]
    counts = [_trials(scenario) for scenario in scenarios]
    together = len(scenarios) > 1
    return [
        Settings(
            id=identifier or f"{name}-{'r1' if together else 'own'}",
            scenario=scenario.id,
            scenarios=tuple(item.id for item in scenarios),
            scales=tuple(
                scale or (item.firms_per_agent if many else SCALE)
                for item, many in zip(scenarios, several, strict=True)
            ),
            first=tuple(first or usual for usual, _ in counts),
            second=tuple(usual if second is None else second for _, usual in counts),
            seed=seed,
            steps=STEPS_TOGETHER if together else STEPS,
        )
        for name, scenario in chosen.items()
    ]
