"""What every figure says: what is compared, how sure it is, where it came from."""

from __future__ import annotations

import difflib
import re
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from sim.compare.comparison import Comparison, Row
from sim.compare.money import build_shortfalls
from sim.compare.notes import covered, span_note
from sim.compare.runs import Pairing, pair
from sim.compare.statistics import MINIMUM_RUNS_FOR_BAND, Contrast, Verdict, is_rough, out_of, verdict
from sim.errors import UserError
from sim.experiments import Run
from sim.experiments.parameter_draws import DrawnFrom, drawn_from
from sim.observables import INDEX, OBSERVABLES, Observable
from sim.report.comparison_table import shortfall_texts
from sim.report.table import Named, named, one_line
from sim.report.words import say
from sim.units import Language, pick

Source: TypeAlias = Comparison | tuple[Run, Run]
"""What a figure can be drawn from: a pair of runs (scenario, baseline), or a comparison of two."""


@dataclass(frozen=True, kw_only=True)
class Told:
    """What a figure shows, told in one language."""

    lang: Language

    def say(self, key: str, /, **values: object) -> str:
        """Return a text of ``words.toml`` in the language; see ``say`` there."""
        return say(self.lang, key, **values)

    def pick(self, english: str, chinese: str) -> str:
        """Return the text of the language."""
        return pick(self.lang, english, chinese)

    def label(self, item: Observable | Row) -> str:
        """Return what the variable is called."""
        return self.pick(item.label, item.label_zh)

    def name(self, thing: Named) -> str:
        """Return the name of a scenario or policy, or its id when it has none."""
        return one_line(named(thing, self.lang))

    def with_unit(self, text: str, unit: str) -> str:
        """Return a heading and the unit of what stands under it, if it has one."""
        return text + self.say("describe.with_unit", unit=unit) if unit else text

    def places(self, names: Sequence[tuple[str, str]]) -> str:
        """Return the places, given their names in English and Chinese; only how many when above two."""
        if len(names) > 2:
            return self.say("describe.places", names=len(names))
        return self.say("marks.names").join(one_line(self.pick(*name)) for name in names)

    def world(self, name: str) -> str:
        """Return the name of a world without what explains it after a colon."""
        return self.say("describe.world") + one_line(re.split("[:：]", name)[0])

    def covers(self, drawn_from: DrawnFrom, worlds: Sequence[str] = ()) -> str:
        """Return what a band takes in and what not; ``worlds`` as in ``sim.compare.notes.covered``."""
        inside, inside_zh = covered(drawn_from, worlds)
        return self.say("describe.not_events_outside_model", inside=inside, inside_zh=inside_zh)

    def no_bands(self) -> str:
        """Say that there are too few pairs for bands."""
        return self.say("describe.fewer_than_pairs_runs", minimum_runs_for_band=MINIMUM_RUNS_FOR_BAND)

    def last_line(self, *parts: str) -> tuple[str, ...]:
        """Return the last line of a figure: that it is a simulation, and where it comes from."""
        return (" · ".join((self.say("describe.simulation_not_forecast"), *parts)),)

    def runs_line(self, ids: str, drawn_from: DrawnFrom) -> tuple[str, ...]:
        """Return the last line of a figure of runs with these ids."""
        told = () if drawn_from == "fit" else (self.say(f"describe.{drawn_from}"),)
        return self.last_line(*told, self.say("describe.runs") + ids)

    def in_words(self, title: str, parts: Iterable[str]) -> str:
        """Return the description for those who cannot see the picture: its title and its rows."""
        return title + self.say("marks.stop_between") + self.say("marks.semicolon").join(parts) + self.say("marks.stop")


@dataclass(frozen=True, kw_only=True)
class Shown(Told):
    """Two runs side by side."""

    pairing: Pairing

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

    @property
    def subtitle(self) -> tuple[str, str, str]:
        """The lines under the title: scenario, baseline, then place, world and number of pairs."""
        say, pairing, scenario = self.say, self.pairing, self.b.scenario
        dropped = say("describe.dropped", dropped=pairing.dropped) if pairing.dropped else ""
        pairs = say("describe.pairs", n=self.n, dropped=dropped)
        if not pairing.paired:
            pairs = say("describe.unpaired_runs_each", n=self.n)
        where = self.places([(place.name, place.name_zh) for place in scenario.places])
        world = self.world(self.pick(*scenario.world_names))
        return (
            say("shared.scenario") + self.name(scenario),
            say("shared.baseline") + self.name(self.a.scenario),
            f"{where} · {world} · {pairs}",
        )

    @property
    def remarks(self) -> tuple[str, ...]:
        """What every figure of two runs says of them: the years compared, and what could not be paid for."""
        span = span_note(self.pairing)
        years = () if span is None else (self.pick(span.en, span.zh),)
        return (*years, *shortfall_texts(build_shortfalls(self.pairing), self.lang))

    @property
    def reach(self) -> str:
        """What the bands take in."""
        worlds = tuple(world.id for world in self.b.scenario.worlds)
        return self.covers(least_known(drawn_from(run.manifest) for run in (self.a, self.b)), worlds)

    def caption(self, what: str, what_zh: str, *, lines: bool = False) -> str:
        """Return how the bands are to be read.

        ``what`` lies in them; where there are none, ``lines`` says that every run is a thin line.
        """
        say = self.say
        if not self.bands:
            thin = say("describe.each_thin_line_is") if lines else ""
            return self.no_bands() + thin
        rough = say("describe.with_fewer_than_50") if is_rough(self.n) else ""
        ninety, fifty = (self._occasions(share) for share in (0.9, 0.5))
        values = {"what": what, "what_zh": what_zh, "reach": self.reach, "rough": rough}
        return say("describe.in_simulated_futures_lies", ninety=ninety, fifty=fifty, **values)

    def _occasions(self, share: float) -> str:
        """Return a share as occasions: ``90 of 100``, or ``about 22 of 24`` when it is no whole number."""
        count = share * self.n
        about = "" if abs(count - round(count)) < 1e-9 else self.say("shared.about")
        return self.say("describe.of", about=about, count=round(count), n=self.n)

    def footer(self, runs: Sequence[Run] = ()) -> tuple[str, ...]:
        """Return the last lines: simulation, calibration, ids of the runs (the two by default)."""
        runs = runs or (self.b, self.a)
        ids = dict.fromkeys(f"{run.scenario_id}/{run.folder.name}" for run in runs)
        return self.runs_line(self.say("marks.and").join(ids), least_known(drawn_from(run.manifest) for run in runs))

    def judged(self, one: Contrast, *, identical: bool) -> tuple[Verdict, bool, str]:
        """Return the verdict on a difference, whether it is higher, and in how many runs it is that."""
        higher = one.difference.p50 > 0.0 or (one.difference.p50 == 0.0 and one.prob_higher >= 0.5)
        runs = out_of(one.prob_higher if higher else 1.0 - one.prob_higher, one.n, self.lang)
        return verdict(one.prob_higher, one.n, identical=identical), higher, runs


def least_known(sources: Iterable[DrawnFrom]) -> DrawnFrom:
    """Return where parameters are from in runs of several sources: the one that says least for what is not known."""
    order: tuple[DrawnFrom, ...] = ("assumed", "priors", "fit")
    return min(sources, key=order.index)


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
    return Shown(lang=lang, pairing=pair(*as_runs(source), unpaired=unpaired))


def capital(text: str) -> str:
    """Return the text with its first letter raised, the rest as it is."""
    return text[:1].upper() + text[1:]


def known_variable(name: str) -> Observable:
    """Return an observable; ``UserError`` when there is none of this name, with the nearest one."""
    by_name = {word: item for item in OBSERVABLES for word in (item.label, item.label_zh)}
    by_name |= {item.name: item for item in OBSERVABLES}
    if name in by_name:
        return by_name[name]
    near = difflib.get_close_matches(name, list(INDEX), n=1, cutoff=0.4)
    hint = f"; did you mean {near[0]}?" if near else ""
    names = textwrap.fill(", ".join(INDEX), 100, initial_indent=" " * 5, subsequent_indent=" " * 5)
    raise UserError(f'unknown variable "{name}"{hint}\n     variables:\n{names}')
