"""Groups of industries that national statistics know, and which published series speak of each."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sim.inputs.data import beside
from sim.inputs.problems import refused
from sim.inputs.tables import near

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sim.evidence.series import Observation, Series


@dataclass(frozen=True)
class Group:
    """Industries that meet the same national demand.

    ``id`` is as ``group`` in ``industries.toml`` and in the segments of a world, empty for industry as a whole.
    """

    id: str
    name: str
    name_zh: str


ALL: Final = "all"
"""How a reader asks for industry as a whole."""

WORDS: Final = beside(__file__)
GROUPS: Final = {name: Group(name, *both) for name, both in WORDS["groups"].items()}
"""Groups by id, industry as a whole first."""

SUBJECTS: Final[Mapping[str, tuple[str, str, str]]] = WORDS["subjects"]
"""First parts of the names of series, with the group they speak of and what they are about, in both languages."""

MEASURES: Final[Mapping[str, tuple[str, str]]] = WORDS["measures"]
"""Last parts of the names of series that are growth, with what grows."""


@dataclass(frozen=True)
class NationalFigure:
    """Published growth of one industry in one period; ``label`` is in English and Chinese."""

    group: Group
    series: str
    label: tuple[str, str]
    observation: Observation


def find_group(identifier: str) -> Group:
    """Return a group by id (``all`` is industry as a whole); raise ``UserError`` naming the nearest one."""
    key = "" if identifier == ALL else identifier
    if key not in GROUPS:
        known = [name or ALL for name in GROUPS]
        raise refused("no_group", value=identifier, near=near(identifier, known), known=", ".join(known))
    return GROUPS[key]


def national_figures(series: Mapping[str, Series], groups: tuple[str, ...] = tuple(GROUPS)) -> list[NationalFigure]:
    """Return the published growth of groups of industries, by group, series and period."""
    found = []
    for name, item in series.items():
        for subject, measure in _parts(name):
            group, *about = SUBJECTS[subject]
            if group in groups and item.is_rate:
                words = MEASURES[measure]
                label = (_joined(", ", about[0], words[0]), _joined("：", about[1], words[1]))
                found += [NationalFigure(GROUPS[group], name, label, row) for row in item.observations]
    order = {name: number for number, name in enumerate(GROUPS)}
    return sorted(found, key=lambda figure: (order[figure.group.id], figure.series, figure.observation.start))


def _parts(name: str) -> Iterator[tuple[str, str]]:
    """Yield subject and measure of a series that is growth of something known."""
    plain = re.sub(r"_nbs$", "", name)
    for subject in SUBJECTS:
        measure = plain.removeprefix(f"{subject}_")
        if plain.startswith(f"{subject}_") and measure in MEASURES:
            yield subject, measure


def _joined(between: str, *parts: str) -> str:
    return between.join(part for part in parts if part)
