"""Reported beside simulated: one line a figure, misses first. It never says that a figure is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.compare.statistics import band
from sim.errors import UserError
from sim.evidence import load_facts, variable_label
from sim.reporting import NotAnswered, aims_of, answers, reach, standing, truth_of
from sim.reporting.places import SETS
from sim.reporting.standing import ORDER, WORDS, distance
from sim.units import month_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.compare.statistics import Band
    from sim.evidence import Fact
    from sim.experiments import Run
    from sim.reporting import Answer, Reach, Standing
    from sim.scenario.place_start import Origin
    from sim.scenario.resolved import Place


BOUND_WORDS = {
    "exact": ("exact", "等于"),
    "at_least": ("at least", "不低于"),
    "at_most": ("at most", "不高于"),
    "about": ("about", "约"),
}
"""How a figure binds, in English and Chinese."""


@dataclass(frozen=True)
class FitLine:
    """One reported figure with what a run gives for it.

    Attributes
    ----------
    simulated
        Median and band over replicates, in the figure's plain unit and count.
    standing
        How the band lies to the figure.
    start
        Whether the run starts from this figure, so that agreement in its own year says little.
    """

    answer: Answer
    simulated: Band
    standing: Standing
    start: bool

    @property
    def fact(self) -> Fact:
        """The reported figure."""
        return self.answer.fact

    @property
    def scope(self) -> float:
        """How many times what the model counts the figure counts, median over replicates."""
        return float(np.median(self.answer.scope))

    @property
    def ratio(self) -> float:
        """Simulated median over reported; NaN where a ratio says nothing (growth, zero)."""
        if self.fact.kind == "growth" or self.fact.value_plain == 0.0:
            return float("nan")
        return self.simulated.p50 / self.fact.value_plain


@dataclass(frozen=True)
class Fit:
    """Everything reported against one run: answered figures (misses first), the others with reasons, and aims."""

    lines: tuple[FitLine, ...]
    unused: tuple[NotAnswered, ...]
    aims: tuple[Reach, ...]
    replicates: int

    def count(self, which: Standing) -> int:
        """Return the number of figures that stand so."""
        return sum(line.standing == which for line in self.lines)


def fit_of(run: Run, facts: Sequence[Fact] | None = None) -> Fit:
    """Ask a run for every reported figure.

    Parameters
    ----------
    facts
        Figures asked for; None for all of the evidence.
    """
    asked = load_facts() if facts is None else tuple(facts)
    truth = truth_of(run)
    found = answers(asked, truth)
    answered = [item for item in found if not isinstance(item, NotAnswered)]
    starts = _starts(run.scenario.places, {item.fact.place for item in answered})
    lines = [_line(item, starts) for item in answered]
    aims = aims_of(run.scenario.goals, asked, truth)
    return Fit(
        lines=tuple(sorted(lines, key=_importance)),
        unused=tuple(item for item in found if isinstance(item, NotAnswered)),
        aims=tuple(reach(aim, truth) for aim in aims),
        replicates=truth.replicates,
    )


def _line(answer: Answer, starts: frozenset[str]) -> FitLine:
    values = answer.values[np.isfinite(answer.values)]
    found = band(values)
    how = standing(answer.fact.value_plain, answer.bound, found.p05, found.p95)
    return FitLine(answer, found, how, answer.fact.id in starts)


def _importance(line: FitLine) -> tuple[int, float]:
    """Misses first, the farthest of them on top; then those without a band; then the rest."""
    return ORDER.index(line.standing), -distance(line.fact.value_plain, line.simulated.p50)


def _starts(places: Sequence[Place], asked: set[str]) -> frozenset[str]:
    """Return the ids of the figures that places (or the sets they belong to) start from."""
    from sim.scenario.place_sets import load_set
    from sim.scenario.places import place_origins

    origins: list[Origin] = []
    named = [place.id for place in places if not place.synthetic]
    sets = sorted({SETS[place].file for place in asked if place in SETS})
    try:
        origins += [origin for place in named for origin in place_origins(place)]
        origins += [origin for name in sets for origin in load_set(name).origins]
    except UserError:
        # The file of a place is gone or was changed: what the run started from is not known any more.
        return frozenset()
    return frozenset(fact for origin in origins for fact in origin.facts)


def figure_name(variable: str, lang: str) -> str:
    """Return what a reported variable is called, with a capital where the language has them."""
    label = variable_label(variable, lang)
    return label[:1].upper() + label[1:]


def place_label(place: str, places: Sequence[Place], lang: str) -> str:
    """Return what the place or set of places of a figure is called."""
    if place in SETS:
        return SETS[place].name_zh if lang == "zh" else SETS[place].name
    known = {item.id: item for item in places}
    if place not in known:
        return place
    return (known[place].name_zh or place) if lang == "zh" else (known[place].name or place)


def reading(line: FitLine, lang: str) -> str:
    """Say how simulated and reported lie to each other."""
    chinese = lang == "zh"
    if line.standing == "missed":
        if line.simulated.p95 < line.fact.value_plain:
            return "推演低于公布数" if chinese else "missed: simulated below"
        return "推演高于公布数" if chinese else "missed: simulated above"
    return WORDS[line.standing][chinese]


def period_text(fact: Fact, lang: str) -> str:
    """Return the months a figure covers: a year, a month, or from one to another."""
    start, end = month_text(fact.period_start), month_text(fact.period_end)
    if start == end:
        return start
    if start.endswith("-01") and end == f"{start[:4]}-12":
        return start[:4]
    return f"{start}至{end}" if lang == "zh" else f"{start} to {end}"
