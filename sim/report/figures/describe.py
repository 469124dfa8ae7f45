"""Words every figure carries: what is compared, how sure it is, where it came from."""

from __future__ import annotations

import difflib
import re
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sim.compare.build import draws_of
from sim.compare.notes import span_note
from sim.compare.runs import pair
from sim.compare.shortfalls import build_shortfalls
from sim.compare.statistics import MINIMUM_RUNS_FOR_BAND, is_rough, verdict
from sim.errors import UserError
from sim.observables import INDEX, Observable, observable
from sim.report.figures.text import clean
from sim.report.shortfalls import shortfall_texts
from sim.report.words import named, pick

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.compare.runs import Pairing
    from sim.compare.statistics import Verdict
    from sim.experiments import Run
    from sim.report.figures.text import Lang


NOT_CALIBRATED: Final = (
    "parameters are not calibrated and stand at assumed values within their ranges",
    "参数未校准，取各自区间内的设定值",
)


@dataclass(frozen=True)
class Shown:
    """Two runs side by side and the language they are shown in."""

    pairing: Pairing
    lang: Lang

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


def shown(runs: tuple[Run, Run], lang: Lang, *, unpaired: bool = False) -> Shown:
    """Pair scenario and baseline, in this order; ``UserError`` when their replicates are not the same futures."""
    b, a = runs
    return Shown(pair(b, a, unpaired=unpaired), lang)


def run_name(run: Run, lang: Lang) -> str:
    """Return the scenario's name in the language, or its id when it has none."""
    return clean(named(run.scenario, lang))


def label(item: Observable, lang: Lang) -> str:
    """Return what the variable is called."""
    return pick(lang, item.label, item.label_zh)


def capital(text: str) -> str:
    """Return the text with its first letter raised, the rest as it is."""
    return text[:1].upper() + text[1:]


def pairs_text(pairing: Pairing, lang: Lang) -> str:
    """Return the number of pairs, with those dropped."""
    if not pairing.paired:
        return pick(lang, f"{pairing.n} unpaired runs of each", f"各{pairing.n}次推演（未配对）")
    dropped = ""
    if pairing.dropped:
        dropped = pick(lang, f" ({pairing.dropped} dropped)", f"（缺{pairing.dropped}对）")
    return pick(lang, f"{pairing.n} pairs{dropped}", f"{pairing.n}对推演{dropped}")


def subtitle(view: Shown) -> tuple[str, str, str]:
    """Return the lines under the title: scenario, baseline, then place, world and number of pairs."""
    lang = view.lang
    world = view.b.scenario.world
    colon, dot = pick(lang, ": ", "："), " · "
    places = view.b.scenario.places
    where = pick(lang, "; ", "、").join(clean(pick(lang, place.name, place.name_zh)) for place in places)
    if len(places) > 2:
        where = pick(lang, f"{len(places)} places", f"{len(places)}个地方")
    world_name = short_world(pick(lang, world.name, world.name_zh) or world.id)
    return (
        pick(lang, "Scenario", "情形") + colon + run_name(view.b, lang),
        pick(lang, "Baseline", "基准") + colon + run_name(view.a, lang),
        where + dot + pick(lang, "world", "外部环境") + colon + world_name + dot + pairs_text(view.pairing, lang),
    )


def short_world(name: str) -> str:
    """Return the name of a world without what explains it after a colon."""
    return clean(re.split("[:：]", name)[0])


def remarks(view: Shown) -> tuple[str, ...]:
    """Return what every figure of two runs says of them: the years compared, and what could not be paid for."""
    span = span_note(view.pairing)
    years = () if span is None else (pick(view.lang, span.en, span.zh),)
    return (*years, *shortfall_texts(build_shortfalls(view.pairing), view.lang))


def is_calibrated(run: Run) -> bool:
    """Whether the run's parameters were drawn from a fit to reported figures."""
    return bool(draws_of(run)[1])


def occasions(n: int, share: float, lang: Lang) -> str:
    """Return a share as occasions: ``90 of 100``, or ``about 22 of 24`` when it is no whole number."""
    count = share * n
    whole = abs(count - round(count)) < 1e-9
    about = "" if whole else pick(lang, "about ", "约")
    return pick(lang, f"{about}{round(count)} of {n}", f"{n}次推演中{about}{round(count)}次")


def covers(view: Shown) -> str:
    """Return what a band takes in and what not."""
    fitted = is_calibrated(view.a) and is_calibrated(view.b)
    return pick(
        view.lang,
        f"chance {'and calibration' if fitted else 'only'}, not events outside the model",
        f"随机因素{'和参数校准的不确定性' if fitted else ''}，不包括模型以外的事件",
    )


def caption(view: Shown, what: str, what_zh: str) -> str:
    """Return how the bands are to be read; ``what`` is the thing that lies in them."""
    lang, n = view.lang, view.n
    if not view.bands:
        return pick(
            lang,
            f"Fewer than {MINIMUM_RUNS_FOR_BAND} pairs of runs: no bands are shown.",
            f"配对推演不足{MINIMUM_RUNS_FOR_BAND}次，不给出区间。",
        )
    rough = ""
    if is_rough(n):
        rough = pick(lang, " With fewer than 50 pairs the light band is rough.", "推演不足50次，浅色区间较粗略。")
    return pick(
        lang,
        f"In {occasions(n, 0.9, lang)} simulated futures {what} lies in the light band, in {occasions(n, 0.5, lang)} "
        f"in the dark one; the band covers {covers(view)}.{rough}",
        f"{occasions(n, 0.9, lang)}，{what_zh}落在浅色区间内；{occasions(n, 0.5, lang)}落在深色区间内。"
        f"区间反映{covers(view)}。{rough}",
    )


def footer(runs: Sequence[Run], lang: Lang) -> tuple[str, ...]:
    """Return the last lines: simulation, run ids, calibration."""
    parts = [pick(lang, "Simulation, not a forecast", "模型推演，不是预测")]
    if not all(is_calibrated(run) for run in runs):
        parts.append(pick(lang, *NOT_CALIBRATED))
    ids = list(dict.fromkeys(f"{run.scenario_id}/{run.folder.name}" for run in runs))
    parts.append(pick(lang, "runs ", "推演编号：") + pick(lang, " and ", "、").join(ids))
    return (" · ".join(parts),)


def verdict_of(prob_higher: float, n: int, *, identical: bool) -> Verdict:
    """Return the verdict on a difference (one place fixes the words)."""
    return verdict(prob_higher, n, identical=identical)


def known_variable(name: str) -> Observable:
    """Return an observable.

    Raises
    ------
    UserError
        When there is none of this name; the nearest is suggested.
    """
    if name in INDEX:
        return observable(name)
    by_label = {item.label: item.name for item in map(observable, INDEX)}
    by_label |= {item.label_zh: item.name for item in map(observable, INDEX)}
    if name in by_label:
        return observable(by_label[name])
    near = difflib.get_close_matches(name, list(INDEX), n=1, cutoff=0.4)
    hint = f"; did you mean {near[0]}?" if near else ""
    names = textwrap.fill(", ".join(INDEX), 100, initial_indent=" " * 5, subsequent_indent=" " * 5)
    raise UserError(f'unknown variable "{name}"{hint}\n     variables:\n{names}')
