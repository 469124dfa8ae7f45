"""Which baseline answers for a place when figures of it are scored."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from sim.calibrate.questions import own_places
from sim.errors import UserError
from sim.reporting.places import SETS
from sim.scenario.files import known_files

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sim.scenario.loader import Loaded
    from sim.scenario.resolved import Scenario


@dataclass(frozen=True)
class Answering:
    """A baseline and the places, or sets of places, it answers for.

    Attributes
    ----------
    fit
        Name of the fit its file asks for; "" without one.
    """

    id: str
    scenario: Scenario
    places: tuple[str, ...]
    fit: str

    def industry_of(self, place: str) -> str:
        """Return the industry of a place; ``all`` of a set of places."""
        found = {item.industry for item in self.scenario.places if item.id == place}
        return found.pop() if found else "all"


def answering_baselines() -> tuple[tuple[Answering, ...], tuple[str, ...]]:
    """Return every baseline there is, those of the project before the library's, and what is wrong with the others."""
    found, problems = [], []
    for identifier, path in known_files().items():
        if not _says_baseline(path.read_bytes()):
            continue
        try:
            found.append(_answering(identifier, _load(identifier)))
        except UserError as error:
            problems.append(f"{identifier}: {str(error).splitlines()[0]}")
    folders = {identifier: path.parent for identifier, path in known_files().items()}
    order = list(dict.fromkeys(_searched()))
    return tuple(sorted(found, key=lambda item: (order.index(folders[item.id]), item.id))), tuple(problems)


def _searched() -> Iterable[object]:
    from sim import project

    return project.folders("scenarios")


def _load(identifier: str) -> Loaded:
    from sim.scenario.loader import load

    return load(identifier)


def _says_baseline(content: bytes) -> bool:
    """Whether a file says it is a baseline; one that cannot be read does not."""
    try:
        return tomllib.loads(content.decode("utf-8-sig")).get("kind") == "baseline"
    except (ValueError, RecursionError):
        return False


def _answering(identifier: str, loaded: Loaded) -> Answering:
    scenario = loaded.scenario
    return Answering(identifier, scenario, own_places(scenario), loaded.calibration or "")


def baseline_for(place: str, baselines: Sequence[Answering]) -> Answering | None:
    """Return the baseline that answers for a place: of several the one with the fewest places, then one with a fit."""
    those = [item for item in baselines if place in item.places]
    return min(those, key=lambda item: (len(item.scenario.places), not item.fit), default=None)


def known_places(baselines: Sequence[Answering]) -> tuple[str, ...]:
    """Return every place and set of places that a baseline answers for."""
    return tuple(sorted({place for item in baselines for place in item.places}))


def nearest(word: str, known: Iterable[str]) -> str:
    """Return the known word nearest to one that is not, "" when none is near."""
    close = get_close_matches(word, list(known), n=1)
    return close[0] if close else ""


def require_places(asked: Sequence[str], known: Iterable[str]) -> tuple[str, ...]:
    """Return the places asked for; none or ``all`` for all known ones.

    Raises
    ------
    UserError
        Naming every place that is not known, with the nearest that is.
    """
    names = tuple(known)
    if not asked or "all" in asked:
        return names
    unknown = [place for place in asked if place not in names]
    if unknown:
        lines = [f'no place "{place}"' + _hint(nearest(place, names)) for place in unknown]
        raise UserError("\n".join([*lines, f"     known: {', '.join(names)}"]))
    return tuple(dict.fromkeys(asked))


def _hint(word: str) -> str:
    return f'; did you mean "{word}"?' if word else ""


def place_names(place: str, baselines: Sequence[Answering]) -> tuple[str, str]:
    """Return what a place or set is called in English and Chinese; its id when no baseline knows it."""
    if place in SETS:
        return SETS[place].name, SETS[place].name_zh
    for baseline in baselines:
        for item in baseline.scenario.places:
            if item.id == place:
                return item.name or place, item.name_zh or item.name or place
    return place, place
