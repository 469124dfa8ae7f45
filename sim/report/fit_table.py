"""Reported beside simulated: figures of a run, misses first, as text and as plain records. None is called wrong."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.calibrate.fits import as_the_fit_knows
from sim.calibrate.measurement import SHIFT, measurement
from sim.calibrate.scores import normal_points
from sim.compare.statistics import band, out_of
from sim.errors import UserError
from sim.evidence import BOUNDS, load_facts, load_sources, variable_label
from sim.evidence.variables import basis_label
from sim.experiments.parameter_draws import drawn_from
from sim.observables import observable
from sim.report.rounding import MISSING, finite, median_and_band
from sim.report.table import Column, filled, layout, named, one_line, paragraphs
from sim.reporting import NotAnswered, aims_of, answers, growth_of_place, reach, standing, truth_of
from sim.reporting.recipes import WHY_WORDS
from sim.reporting.reported_places import SETS
from sim.reporting.standing import ORDER, WORDS, distance
from sim.units import format_value, month_text, pick

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sim.compare.statistics import Band
    from sim.evidence import Fact, Source
    from sim.experiments import Run
    from sim.reporting import Answer, Reach, Standing, Truth
    from sim.scenario.place_start import Origin
    from sim.scenario.resolved import Place
    from sim.units import Language

PRINTED = 7
"""Column of growth as printed; left out where none is."""
START = "°"
"""Behind the result of a figure that the run starts from."""
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
        Median and band over replicates, in the figure's plain unit and count; of printed growth of a total growth of
        the place itself, everybody counted.
    standing
        How the band lies to the figure; of printed growth of a total the band of growth as printed.
    printed
        Growth of a total as an office would print it: with what print has in common over all places, and the error of
        print. None for other figures.
    start
        Whether the run starts from this figure, so that agreement in its own year says little.
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
        return pick(lang, "missed: simulated below", "推演低于公布数")
    return pick(lang, "missed: simulated above", "推演高于公布数")


def period_text(fact: Fact, lang: str) -> str:
    """Return the months a figure covers: a year, a month, or from one to another."""
    start, end = month_text(fact.period_start), month_text(fact.period_end)
    if start == end:
        return start
    if start.endswith("-01") and end == f"{start[:4]}-12":
        return start[:4]
    return pick(lang, f"{start} to {end}", f"{start}至{end}")


def fit_text(found: Fit, run: Run, language: Language, *, every: bool = False, width: int | None = None) -> str:
    """Return the whole comparison for the terminal: misses on top, then aims, then what was not used.

    Parameters
    ----------
    every
        How each figure was asked, and the figures not used with the reason.
    width
        Terminal columns; a wider table loses its less important columns. None: never.
    """
    parts = [_heading(found, run, language)]
    if found.lines:
        parts.append(layout(_columns(found.lines, run, language), width))
    parts.append(_legend(found, language))
    if found.aims:
        parts.append([pick(language, "announced aims (never calibration data)", "已宣布的目标（不用于校准）")])
        parts[-1] += [f"  {aim_text(aim, run, language)}" for aim in found.aims]
    if every and found.lines:
        parts.append([pick(language, "how each figure was asked", "各项折算")])
        parts[-1] += [f"  {line.fact.id}  {pick(language, line.answer.en, line.answer.zh)}" for line in found.lines]
    if found.unused:
        parts.append(_unused(found.unused, language, every=every))
    return paragraphs(parts)


def _heading(found: Fit, run: Run, language: Language) -> list[str]:
    name, drawn = one_line(named(run.scenario, language)), run.manifest["identity"]["draws"]
    runs = pick(language, f"{found.replicates} runs", f"{found.replicates}次推演")
    draws = pick(language, "parameters not calibrated", "参数未校准")
    if drawn_from(run.manifest) == "priors":
        draws = pick(language, "parameters not calibrated, drawn from their priors", "参数未校准，从先验抽取")
    if drawn:
        draws = pick(language, f"draws {drawn}", f"参数抽样{drawn}")
    title = pick(language, f"Reported and simulated: {name}", f"公布数与推演结果对照：{name}")
    return [title, f"{run.id}   {runs}   {draws}"]


def _columns(lines: Sequence[FitLine], run: Run, language: Language) -> list[Column]:
    """Return the table, one row a figure; with its place where there are several."""
    columns = [
        Column(pick(language, "place", "地区"), left=True),
        Column(pick(language, "figure", "指标"), left=True),
        Column(pick(language, "reported", "公布数"), left=True),
        Column(pick(language, "period", "时期"), left=True, goes=2),
        Column(pick(language, "basis", "口径"), left=True, goes=1),
        Column(pick(language, "simulated", "推演中位数"), left=True),
        Column(pick(language, "90% of runs", "90%区间"), left=True),
        Column(pick(language, "growth as printed", "公布口径增速"), left=True),
        Column("", left=True),
    ]
    rows = []
    for line in lines:
        fact, middle = line.fact, line.simulated.p50
        size = max(abs(fact.value_plain), abs(middle))
        numbers = median_and_band(line.simulated, fact.value_plain, fact.unit_plain, language, size=size)
        rows.append(
            (
                one_line(place_label(fact.place, run.scenario.places, language)),
                figure_name(fact.variable, language),
                f"{BOUNDS[line.answer.bound]} {format_value(fact.value_plain, fact.unit_plain, language, 15)}",
                period_text(fact, language),
                one_line(basis_label(fact.basis, language)) or MISSING,
                numbers[0],
                numbers[1] or MISSING,
                _printed(line, language),
                reading(line, language) + (START if line.start else ""),
            )
        )
    several = len({row[0] for row in rows}) > 1 or len(run.places) > 1
    shown = filled(columns, rows)
    if all(line.printed is None for line in lines):
        del shown[PRINTED]
    return shown[0 if several else 1 :]


def _printed(line: FitLine, language: Language) -> str:
    """Return growth as an office would print it, median and 90 % band, beside growth of the place itself."""
    if line.printed is None:
        return MISSING
    size = max(abs(line.fact.value_plain), abs(line.printed.p50))
    middle, reach = median_and_band(line.printed, line.fact.value_plain, line.fact.unit_plain, language, size=size)
    return f"{middle} ({reach})" if reach else middle


def _legend(found: Fit, language: Language) -> list[str]:
    counts = [
        (found.count("missed"), "missed", "未覆盖"),
        (found.count("inside"), "inside the band", "在区间内"),
        (found.count("right side"), "on the right side of a bound", "与界限方向一致"),
        (found.count("too few runs"), "without a band (fewer than 20 runs)", "推演不足20次，无区间"),
    ]
    told = [pick(language, f"{number} {en}", f"{zh}{number}项") for number, en, zh in counts if number]
    if not found.lines:
        en = "No reported figure can be asked of this run; --all lists all of them with the reason."
        return [pick(language, en, "该推演没有可对照的公布数；--all 列出全部公布数及原因。")]
    lines = [pick(language, "; ", "；").join(told)]
    en = "= exact   ≥ at least   ≤ at most   ≈ about (within a tenth)"
    lines.append(pick(language, en, "= 确数   ≥ 至少   ≤ 至多   ≈ 约（上下一成）"))
    if any(line.printed is not None for line in found.lines):
        en = "simulated growth is that of the place; as printed adds what printed growth of all places has in common"
        lines.append(pick(language, en, "推演增速为地区自身增速；公布口径另加各地公布增速共有的偏移"))
    if any(line.start for line in found.lines):
        en = f"{START} the run starts from this figure: agreement in its own year is by construction"
        lines.append(pick(language, en, f"{START} 该公布数是起始值，当年相符是设定的结果"))
    en = "A miss may lie in the model, in the basis or in the figure: compare the basis first."
    return [*lines, pick(language, en, "未覆盖可能出自模型、口径或公布数本身，请先核对口径。")]


def aim_text(found: Reach, run: Run, language: Language) -> str:
    """Return one aim: level, date and the share of runs that reach it."""
    aim, item = found.aim, observable(found.aim.variable)
    level = format_value(aim.at_least, item.unit, language)
    runs = out_of(found.share, found.months.size, language)
    place = aim.place if len(run.places) > 1 else None  # of a single place it goes without saying
    name = one_line(place_label(place, run.scenario.places, language)) if place else ""
    if language == "zh":
        text = f"{aim.id}：{name}{item.label_zh}在{month_text(aim.by)}前达到{level}：{runs}达到"
        text += f"（中位月份{month_text(found.middle)}）" if found.middle is not None else ""
        return text + ("（推演在期限前结束）" if found.ends_before else "")
    where = f" of {name}" if name else ""
    text = f"{aim.id}: {item.label}{where} at least {level} by {month_text(aim.by)}: reached in {runs}"
    text += f", median month {month_text(found.middle)}" if found.middle is not None else ""
    return text + ("  (the runs end before the date)" if found.ends_before else "")


def _unused(unused: Sequence[NotAnswered], language: Language, *, every: bool) -> list[str]:
    if not every:
        kinds = Counter(pick(language, *WHY_WORDS[item.why]) for item in unused)
        told = pick(language, ", ", "、").join(f"{word} {number}" for word, number in kinds.items())
        en = f"{len(unused)} reported figures are not used here ({told}); --all lists them"
        return [pick(language, en, f"另有{len(unused)}项公布数未用（{told}）；--all 逐项列出")]
    heads = (("not used", "未用"), ("figure", "指标"), ("kind", "类别"), ("why", "原因"))
    rows = [
        (
            item.fact.id,
            figure_name(item.fact.variable, language),
            pick(language, *WHY_WORDS[item.why]),
            pick(language, item.en, item.zh),
        )
        for item in unused
    ]
    return layout(filled([Column(pick(language, *head), left=True) for head in heads], rows))


def fit_record(found: Fit, run: Run) -> dict[str, Any]:
    """Return everything as plain data; what is not a number is None."""
    sources = load_sources()
    return {
        "run": run.id,
        "scenario": run.scenario_id,
        "replicates": found.replicates,
        "figures": [fact_record(line.fact, sources) | _simulated(line) for line in found.lines],
        "aims": [_aim(item) for item in found.aims],
        "not_used": [
            fact_record(item.fact, sources) | {"kind_of_reason": item.why, "reason": item.en, "reason_zh": item.zh}
            for item in found.unused
        ],
    }


def fact_record(fact: Fact, sources: Mapping[str, Source]) -> dict[str, Any]:
    """Return a figure as plain data, with its source in words."""
    return {
        "id": fact.id,
        "place": fact.place,
        "variable": fact.variable,
        "period_start": month_text(fact.period_start),
        "period_end": month_text(fact.period_end),
        "reported": fact.value_plain,
        "unit": fact.unit_plain,
        "bound": fact.bound,
        "basis": fact.basis,
        "kind": fact.kind,
        "source": str(sources.get(fact.source, fact.source)),
    }


def _simulated(line: FitLine) -> dict[str, Any]:
    return {
        "bound_used": line.answer.bound,
        "observable": line.answer.variable,
        "p05": finite(line.simulated.p05),
        "p50": finite(line.simulated.p50),
        "p95": finite(line.simulated.p95),
        "values": [finite(float(value)) for value in line.answer.values],
        "scope_factor": finite(line.scope),
        **{f"as_printed_{name}": finite(getattr(line.printed, name)) for name in ("p05", "p50", "p95") if line.printed},
        "standing": line.standing,
        "run_starts_from_it": line.start,
        "how": line.answer.en,
        "how_zh": line.answer.zh,
    }


def _aim(item: Reach) -> dict[str, Any]:
    return {
        "id": item.aim.id,
        "place": item.aim.place,
        "variable": item.aim.variable,
        "at_least": item.aim.at_least,
        "by": month_text(item.aim.by),
        "source": item.aim.source,
        "published": item.aim.published,
        "share_reached": item.share,
        "median_month": None if item.middle is None else month_text(item.middle),
        "runs_end_before": item.ends_before,
    }
