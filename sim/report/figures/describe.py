"""What every figure says: what is compared, how sure it is, where it came from."""

from __future__ import annotations

import difflib
import re
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from sim.compare.build import checked_pair, draws_of
from sim.compare.comparison import Comparison
from sim.compare.notes import span_note
from sim.compare.shortfalls import build_shortfalls
from sim.compare.statistics import MINIMUM_RUNS_FOR_BAND, is_rough
from sim.compare.wording import out_of, verdict
from sim.errors import UserError
from sim.observables import INDEX, OBSERVABLES, Observable
from sim.report.figures.text import clean
from sim.report.shortfalls import shortfall_texts
from sim.report.words import named, pick

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sim.compare.runs import Pairing
    from sim.compare.statistics import Contrast
    from sim.compare.wording import Verdict
    from sim.experiments import Run
    from sim.report.words import Named
    from sim.units import Language

    Source: TypeAlias = Comparison | tuple[Run, Run]
    """What a figure can be drawn from: a pair of runs (scenario, baseline), or a comparison of two."""


@dataclass(frozen=True)
class Shown:
    """Two runs side by side and the language they are shown in."""

    pairing: Pairing
    lang: Language

    @property
    def b(self) -> Run:
        """The scenario."""
        return self.pairing.b

    @property
    def a(self) -> Run:
        """The baseline."""
        return self.pairing.a

    @property
    def n(self) -> int:
        """Number of pairs."""
        return self.pairing.n

    @property
    def bands(self) -> bool:
        """Whether there are enough pairs to show bands."""
        return self.n >= MINIMUM_RUNS_FOR_BAND

    def say(self, english: str, chinese: str) -> str:
        """Return the text of the language."""
        return pick(self.lang, english, chinese)


def as_runs(source: Source) -> tuple[Run, Run]:
    """Return scenario and baseline; those of a comparison are read again from the run store."""
    if not isinstance(source, Comparison):
        return source
    from sim.experiments import find_run

    return find_run(source.b.folder), find_run(source.a.folder)


def as_comparison(source: Source, at: int | None = None, *, unpaired: bool = False) -> Comparison:
    """Return the comparison of a pair of runs at one year (None: the default), or the one given."""
    if isinstance(source, Comparison) and at in (None, source.at):
        return source
    from sim.compare import compare

    return compare(*as_runs(source), at=at, unpaired=unpaired)


def shown(source: Source, lang: Language, *, unpaired: bool = False) -> Shown:
    """Pair scenario and baseline; ``UserError`` when their replicates are not the same futures."""
    return Shown(checked_pair(*as_runs(source), unpaired=unpaired), lang)


def name_of(thing: Named, lang: Language) -> str:
    """Return the name of a scenario or policy in the language, or its id when it has none."""
    return clean(named(thing, lang))


def label(item: Observable, lang: Language) -> str:
    """Return what the variable is called."""
    return pick(lang, item.label, item.label_zh)


def capital(text: str) -> str:
    """Return the text with its first letter raised, the rest as it is."""
    return text[:1].upper() + text[1:]


def subtitle(view: Shown) -> tuple[str, str, str]:
    """Return the lines under the title: scenario, baseline, then place, world and number of pairs."""
    say, pairing = view.say, view.pairing
    world = view.b.scenario.world
    dropped = say(f" ({pairing.dropped} dropped)", f"（缺{pairing.dropped}对）") if pairing.dropped else ""
    pairs = say(f"{view.n} pairs{dropped}", f"{view.n}对推演{dropped}")
    if not pairing.paired:
        pairs = say(f"{view.n} unpaired runs of each", f"各{view.n}次推演（未配对）")
    where = places_text([(place.name, place.name_zh) for place in view.b.scenario.places], view.lang)
    return (
        say("Scenario: ", "情形：") + name_of(view.b.scenario, view.lang),
        say("Baseline: ", "基准：") + name_of(view.a.scenario, view.lang),
        f"{where} · {say('world: ', '外部环境：')}{short_world(say(world.name, world.name_zh) or world.id)} · {pairs}",
    )


def places_text(names: Sequence[tuple[str, str]], lang: Language) -> str:
    """Return the places a figure is about, given their names in English and Chinese; only how many when above two."""
    if len(names) > 2:
        return pick(lang, f"{len(names)} places", f"{len(names)}个地方")
    return pick(lang, "; ", "、").join(clean(pick(lang, *name)) for name in names)


def short_world(name: str) -> str:
    """Return the name of a world without what explains it after a colon."""
    return clean(re.split("[:：]", name)[0])


def remarks(view: Shown) -> tuple[str, ...]:
    """Return what every figure of two runs says of them: the years compared, and what could not be paid for."""
    span = span_note(view.pairing)
    years = () if span is None else (view.say(span.en, span.zh),)
    return (*years, *shortfall_texts(build_shortfalls(view.pairing), view.lang))


def is_calibrated(runs: Iterable[Run]) -> bool:
    """Whether the runs' parameters were drawn from a fit to reported figures."""
    return all(draws_of(run)[1] for run in runs)


def covers(calibrated: bool, lang: Language) -> str:
    """Return what a band takes in and what not."""
    return pick(
        lang,
        f"chance {'and calibration' if calibrated else 'only'}, not events outside the model",
        f"随机因素{'和参数校准的不确定性' if calibrated else ''}，不包括模型以外的事件",
    )


def caption(view: Shown, what: str, what_zh: str) -> str:
    """Return how the bands are to be read; ``what`` is the thing that lies in them."""
    say = view.say
    if not view.bands:
        return no_bands(view.lang)
    rough = ""
    if is_rough(view.n):
        rough = say(" With fewer than 50 pairs the light band is rough.", "推演不足50次，浅色区间较粗略。")
    ninety, fifty = (_occasions(view, share) for share in (0.9, 0.5))
    reach = covers(is_calibrated((view.a, view.b)), view.lang)
    return say(
        f"In {ninety} simulated futures {what} lies in the light band, in {fifty} in the dark one; the band covers "
        f"{reach}.{rough}",
        f"{ninety}，{what_zh}落在浅色区间内；{fifty}落在深色区间内。区间反映{reach}。{rough}",
    )


def no_bands(lang: Language) -> str:
    """Say that there are too few pairs for bands."""
    return pick(
        lang,
        f"Fewer than {MINIMUM_RUNS_FOR_BAND} pairs of runs: no bands are shown.",
        f"配对推演不足{MINIMUM_RUNS_FOR_BAND}次，不给出区间。",
    )


def curves_caption(view: Shown, what: str, what_zh: str) -> str:
    """Return the caption of curves: where there are no bands, every run is a thin line."""
    thin = "" if view.bands else view.say(" Each thin line is one simulated future.", "每条细线为一次推演。")
    return caption(view, what, what_zh) + thin


def _occasions(view: Shown, share: float) -> str:
    """Return a share as occasions: ``90 of 100``, or ``about 22 of 24`` when it is no whole number."""
    count = share * view.n
    about = "" if abs(count - round(count)) < 1e-9 else view.say("about ", "约")
    return view.say(f"{about}{round(count)} of {view.n}", f"{view.n}次推演中{about}{round(count)}次")


def footer(runs: Sequence[Run], lang: Language) -> tuple[str, ...]:
    """Return the last lines: simulation, run ids, calibration."""
    ids = dict.fromkeys(f"{run.scenario_id}/{run.folder.name}" for run in runs)
    return runs_footer(pick(lang, " and ", "、").join(ids), lang, calibrated=is_calibrated(runs))


def runs_footer(ids: str, lang: Language, *, calibrated: bool) -> tuple[str, ...]:
    """Return the last line of a figure of runs with these ids."""
    assumed = pick(
        lang,
        "parameters are not calibrated and stand at assumed values within their ranges",
        "参数未校准，取各自区间内的设定值",
    )
    return last_line(lang, *([] if calibrated else [assumed]), pick(lang, "runs ", "推演编号：") + ids)


def judged(one: Contrast, lang: Language, *, identical: bool) -> tuple[Verdict, str, str]:
    """Return the verdict on a difference, ``higher`` or ``lower``, and in how many runs it is that."""
    higher = one.difference.p50 > 0.0 or (one.difference.p50 == 0.0 and one.prob_higher >= 0.5)
    direction = pick(lang, "higher" if higher else "lower", "高" if higher else "低")
    runs = out_of(one.prob_higher if higher else 1.0 - one.prob_higher, one.n, lang)
    return verdict(one.prob_higher, one.n, identical=identical), direction, runs


def last_line(lang: Language, *parts: str) -> tuple[str, ...]:
    """Return the last line of a figure: that it is a simulation, and where it comes from."""
    return (" · ".join((pick(lang, "Simulation, not a forecast", "模型推演，不是预测"), *parts)),)


def in_words(title: str, parts: Iterable[str], lang: Language) -> str:
    """Return the description for those who cannot see the picture: its title and its rows."""
    return title + pick(lang, ". ", "。") + pick(lang, "; ", "；").join(parts) + pick(lang, ".", "。")


def known_variable(name: str) -> Observable:
    """Return an observable.

    Raises
    ------
    UserError
        When there is none of this name; the nearest is suggested.
    """
    by_name = {word: item for item in OBSERVABLES for word in (item.label, item.label_zh)}
    by_name |= {item.name: item for item in OBSERVABLES}
    if name in by_name:
        return by_name[name]
    near = difflib.get_close_matches(name, list(INDEX), n=1, cutoff=0.4)
    hint = f"; did you mean {near[0]}?" if near else ""
    names = textwrap.fill(", ".join(INDEX), 100, initial_indent=" " * 5, subsequent_indent=" " * 5)
    raise UserError(f'unknown variable "{name}"{hint}\n     variables:\n{names}')
