"""Reported beside simulated: figures of a run, misses first, as text and as plain records. None is called wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from sim.calibrate.fits import as_the_fit_knows
from sim.calibrate.measurement import SHIFT, measurement
from sim.calibrate.scores import normal_points
from sim.compare.statistics import Band, band, out_of
from sim.errors import UserError
from sim.evidence import BOUNDS, Fact, Source, load_facts, load_sources, variable_label
from sim.evidence.variables import basis_label
from sim.experiments import Run
from sim.experiments.parameter_draws import drawn_from
from sim.observables import observable
from sim.report.rounding import MISSING, finite, median_and_band
from sim.report.table import Column, layout, named, one_line, paragraphs, record, table
from sim.report.words import entries, say
from sim.reporting import (
    Answer,
    NotAnswered,
    Reach,
    Standing,
    Truth,
    aims_of,
    answers,
    growth_of_place,
    reach,
    standing,
    truth_of,
)
from sim.reporting.recipes import SETS, WHY_WORDS
from sim.reporting.standing import ORDER, WORDS, distance
from sim.scenario.place_start import Origin
from sim.scenario.resolved import Place
from sim.units import Language, format_value, month_text, pick

PRINTED = 7
"""Column of growth as printed; left out where none is."""
START = "°"
"""Behind the result of a figure that the run starts from."""
BOUND_WORDS: Final[dict[str, list[str]]] = entries()["bounds"]
"""How a figure binds, in English and Chinese."""


@dataclass(frozen=True)
class FitLine:
    """One reported figure with what a run gives for it.

    ``simulated`` is median and band over replicates, in the figure's plain unit and count; of printed growth of a total
    growth of the place itself, everybody counted. ``printed`` (of such growth only) is growth as an office would print
    it: with what print has in common over all places, and the error of print. ``standing`` says how the band lies to
    the figure, as printed where it is printed; a run that starts from it (``start``) agrees in its own year anyway.
    """

    answer: Answer
    simulated: Band
    standing: Standing
    start: bool
    printed: Band | None = None

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
    """Ask a run for every reported figure of the evidence, or for ``facts``."""
    asked = load_facts() if facts is None else tuple(facts)
    truth = truth_of(run)
    found = answers(asked, truth)
    answered = [item for item in found if not isinstance(item, NotAnswered)]
    starts = _starts(run.scenario.places, {item.fact.place for item in answered})
    fit = str(run.manifest["identity"]["draws"] or "")
    lines = [_line(item, truth, starts, fit) for item in answered]
    aims = aims_of(run.scenario.goals, asked, truth)
    return Fit(
        lines=tuple(sorted(lines, key=_importance)),
        unused=tuple(item for item in found if isinstance(item, NotAnswered)),
        aims=tuple(reach(aim, truth) for aim in aims),
        replicates=truth.replicates,
    )


def _line(answer: Answer, truth: Truth, starts: frozenset[str], fit: str) -> FitLine:
    values = answer.values[np.isfinite(answer.values)]
    found, printed = band(values), None
    measure = measurement(answer.fact, answer.bound)
    if measure.common == SHIFT:
        of_place = growth_of_place(answer.fact, truth)
        if of_place is not None:
            found = band(of_place[np.isfinite(of_place)])
        counted = as_the_fit_knows(measure, fit).counted(values[:, np.newaxis], normal_points()[np.newaxis, :])
        few = np.isnan(found.p05)
        printed = found if few else band(counted.ravel())
    compared = printed or found
    how = standing(answer.fact.value_plain, answer.bound, compared.p05, compared.p95)
    return FitLine(answer, found, how, answer.fact.id in starts, printed)


def _importance(line: FitLine) -> tuple[int, float]:
    """Misses first, the farthest of them on top; then those without a band; then the rest."""
    return ORDER.index(line.standing), -distance(line.fact.value_plain, line.simulated.p50)


def _starts(places: Sequence[Place], asked: set[str]) -> frozenset[str]:
    """Return the ids of the figures that places (or the sets they belong to) start from."""
    from sim.scenario.place_sets import load_set
    from sim.scenario.places import place_origins

    origins: list[Origin] = []
    own = [place.id for place in places if not place.synthetic]
    sets = sorted({SETS[place].file for place in asked if place in SETS})
    try:
        origins += [origin for place in own for origin in place_origins(place)]
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
    known = SETS.get(place) or next((item for item in places if item.id == place), None)
    return pick(lang, known.name, known.name_zh) or place if known else place


def reading(line: FitLine, lang: str) -> str:
    """Say how simulated and reported lie to each other."""
    if line.standing != "missed":
        return pick(lang, *WORDS[line.standing])
    if line.simulated.p95 < line.fact.value_plain:
        return say(lang, "fit_table.missed_simulated_below")
    return say(lang, "fit_table.missed_simulated_above")


def period_text(fact: Fact, lang: str) -> str:
    """Return the months a figure covers: a year, a month, or from one to another."""
    start, end = month_text(fact.period_start), month_text(fact.period_end)
    if start == end:
        return start
    if start.endswith("-01") and end == f"{start[:4]}-12":
        return start[:4]
    return say(lang, "fit_table.to", start=start, end=end)


def fit_text(found: Fit, run: Run, language: Language, *, every: bool = False, width: int | None = None) -> str:
    """Return the whole comparison for a terminal of some width: misses on top, then aims, then what was not used.

    ``every`` says how each figure was asked, and why figures were not used.
    """
    parts = [_heading(found, run, language)]
    if found.lines:
        parts.append(layout(_columns(found.lines, run, language), width))
    parts.append(_legend(found, language))
    if found.aims:
        parts.append([say(language, "fit_table.announced_aims_never_calibration")])
        parts[-1] += [f"  {aim_text(aim, run, language)}" for aim in found.aims]
    if every and found.lines:
        parts.append([say(language, "fit_table.how_each_figure_was")])
        parts[-1] += [f"  {line.fact.id}  {pick(language, line.answer.en, line.answer.zh)}" for line in found.lines]
    if found.unused:
        parts.append(_unused(found.unused, language, every=every))
    return paragraphs(parts)


def _heading(found: Fit, run: Run, language: Language) -> list[str]:
    name, drawn = one_line(named(run.scenario, language)), run.manifest["identity"]["draws"]
    runs = say(language, "fit_table.runs", replicates=found.replicates)
    priors = drawn_from(run.manifest) == "priors"
    key = "draws" if drawn else "parameters_not_calibrated_drawn" if priors else "parameters_not_calibrated"
    draws = say(language, f"fit_table.{key}", drawn=drawn)
    title = say(language, "fit_table.reported_and_simulated", name=name)
    return [title, f"{run.id}   {runs}   {draws}"]


def _columns(lines: Sequence[FitLine], run: Run, language: Language) -> list[Column]:
    """Return the table, one row a figure; with its place where there are several, as printed where any is."""
    rows = []
    for line in lines:
        fact, how = line.fact, reading(line, language) + (START if line.start else "")
        reported = f"{BOUNDS[line.answer.bound]} {format_value(fact.value_plain, fact.unit_plain, language, 15)}"
        place = one_line(place_label(fact.place, run.scenario.places, language))
        about = (reported, period_text(fact, language), one_line(basis_label(fact.basis, language)) or MISSING)
        middle, reach = _band(line, line.simulated, language)
        printed = MISSING
        if line.printed is not None:
            printed, inside = _band(line, line.printed, language)
            printed += f" ({inside})" if inside else ""
        name = figure_name(fact.variable, language)
        rows.append((place, name, *about, middle, reach or MISSING, printed, how))
    several = len({row[0] for row in rows}) > 1 or len(run.places) > 1
    shown = table(language, "reported_and_simulated", rows)
    if all(line.printed is None for line in lines):
        del shown[PRINTED]
    return shown[0 if several else 1 :]


def _band(line: FitLine, band: Band, language: Language) -> tuple[str, str]:
    size = max(abs(line.fact.value_plain), abs(band.p50))
    return median_and_band(band, line.fact.value_plain, line.fact.unit_plain, language, size=size)


def _legend(found: Fit, language: Language) -> list[str]:
    counted = [(found.count(key), pick(language, *words)) for key, words in entries()["standings"].items()]
    told = [say(language, "fit_table.legend", number=number, word=word) for number, word in counted if number]
    if not found.lines:
        return [say(language, "fit_table.no_reported_figure_can")]
    lines = [say(language, "marks.semicolon").join(told)]
    lines.append(say(language, "fit_table.exact_at_least_at"))
    if any(line.printed is not None for line in found.lines):
        lines.append(say(language, "fit_table.simulated_growth_is_that"))
    if any(line.start for line in found.lines):
        lines.append(say(language, "fit_table.run_starts_from_this", start=START))
    return [*lines, say(language, "fit_table.miss_may_lie_in")]


def aim_text(found: Reach, run: Run, language: Language) -> str:
    """Return one aim: level, date and the share of runs that reach it."""
    aim, item = found.aim, observable(found.aim.variable)
    level = format_value(aim.at_least, item.unit, language)
    runs = out_of(found.share, found.months.size, language)
    place = aim.place if len(run.places) > 1 else None  # of a single place it goes without saying
    name = one_line(place_label(place, run.scenario.places, language)) if place else ""
    middle = "" if found.middle is None else say(language, "money_lines.median_month", month=month_text(found.middle))
    ends = say(language, "fit_table.runs_end_before") if found.ends_before else ""
    where = pick(language, f" of {name}", name) if name else ""
    values = {"level": level, "by": month_text(aim.by), "runs": runs, "where": where, "middle": middle, "ends": ends}
    return say(language, "fit_table.aim", id=aim.id, item=item, **values)


def _unused(unused: Sequence[NotAnswered], language: Language, *, every: bool) -> list[str]:
    if not every:
        kinds = Counter(pick(language, *WHY_WORDS[item.why]) for item in unused)
        told = say(language, "marks.list").join(f"{word} {number}" for word, number in kinds.items())
        return [say(language, "fit_table.reported_figures_are_not", unused=len(unused), told=told)]
    rows = []
    for item in unused:
        name, kind = figure_name(item.fact.variable, language), pick(language, *WHY_WORDS[item.why])
        rows.append((item.fact.id, name, kind, pick(language, item.en, item.zh)))
    return layout(table(language, "not_used", rows))


def fit_record(found: Fit, run: Run) -> dict[str, Any]:
    """Return everything as plain data; what is not a number is None."""
    sources = load_sources()
    unused = [
        fact_record(item.fact, sources) | {"kind_of_reason": item.why, "reason": item.en, "reason_zh": item.zh}
        for item in found.unused
    ]
    return {
        "run": run.id, "scenario": run.scenario_id, "replicates": found.replicates,
        "figures": [fact_record(line.fact, sources) | _simulated(line) for line in found.lines],
        "aims": [_aim(item) for item in found.aims], "not_used": unused,
    }  # fmt: skip


def fact_record(fact: Fact, sources: Mapping[str, Source]) -> dict[str, Any]:
    """Return a figure as plain data, with its source in words."""
    start, end = month_text(fact.period_start), month_text(fact.period_end)
    return record("fact", fact=fact, start=start, end=end, source=str(sources.get(fact.source, fact.source)))


def _simulated(line: FitLine) -> dict[str, Any]:
    values = [finite(float(value)) for value in line.answer.values]
    parts = ("simulated", "as_printed", "standing") if line.printed else ("simulated", "standing")
    return {key: value for part in parts for key, value in record(part, line=line, values=values).items()}


def _aim(item: Reach) -> dict[str, Any]:
    middle = None if item.middle is None else month_text(item.middle)
    return record("aim", item=item, by=month_text(item.aim.by), middle=middle)
