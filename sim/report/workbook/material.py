"""What the sheets are made of: a comparison, its two runs, and the language."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from sim.compare.notes import covered, only_zh
from sim.compare.runs import pair
from sim.report.figures.describe import Shown, capital
from sim.report.table import named, one_line
from sim.report.workbook.book import Column

if TYPE_CHECKING:
    from sim.compare.comparison import Comparison, Row
    from sim.experiments import Run
    from sim.units import Language


@dataclass(frozen=True, kw_only=True)
class Material(Shown):
    """A comparison with its runs; ``pairing`` puts their replicates side by side as the comparison did."""

    comparison: Comparison

    def heading(self, row: Row) -> str:
        """Return what a row's variable is called, with a capital where the language has them."""
        return self.pick(capital(row.label), row.label_zh)

    def series(self, variable: str, period: str = "year") -> list[Row]:
        """Return the rows of a variable for the whole run, of one kind of period, in order of time."""
        return self._series.get((variable, period), [])

    @cached_property
    def _series(self) -> dict[tuple[str, str], list[Row]]:
        """The rows for the whole run by variable and kind of period."""
        found: dict[tuple[str, str], list[Row]] = {}
        for row in self.comparison.rows:
            if row.place == self.comparison.place:
                found.setdefault((row.variable, row.period_kind), []).append(row)
        return found

    @property
    def rough(self) -> str:
        """What is said of the ends of bands with few runs."""
        return self.say("material.rough") if self.comparison.note("rough") else ""

    def columns(self, rough: str = "") -> list[Column]:
        """Return the columns of median and 90% band of A, B and their difference; ``rough`` is said of the bands."""
        median, *ends = (self.say("shared.median_2"), f"5%{rough}", f"95%{rough}")
        levels = [Column(f"{side} {what}") for side in ("A", "B") for what in (median, *ends)]
        return [*levels, Column(self.say("shared.b_median_2")), *(Column(f"B−A {end}") for end in ends)]

    def about(self, *more: str) -> tuple[str, ...]:
        """Return the lines under every title: B, A, and how far the numbers carry; then ``more``."""
        c, say = self.comparison, self.say
        lines = [say("material.paired_runs", n_pairs=c.n_pairs)]
        if not c.paired:
            lines = [say("material.unpaired_runs_or_more", n_pairs=c.n_pairs)]
        notes = [c.note("span"), c.note("few") or c.note("rough")]
        lines += [self.pick(note.en, note.zh).rstrip(".。") for note in notes if note]
        if not c.setting.calibrated:
            source = c.setting.drawn_from, c.setting.worlds
            inside, inside_zh = covered(*source)
            lines.append(
                say(
                    "material.parameters_not_calibrated_ranges",
                    inside=inside,
                    only_zh=only_zh(*source),
                    inside_zh=inside_zh,
                )
            )
        lines.append(say("material.simulation_not_forecast"))
        sides = ((say("material.b_scenario"), c.b), (say("material.baseline"), c.a))
        names = (f"{head}{one_line(named(side, self.lang))} [{side.id}]" for head, side in sides)
        return (*names, say("marks.semicolon").join(lines), *more)


def material_of(comparison: Comparison, runs: tuple[Run, Run], lang: Language) -> Material:
    """Pair the runs, scenario first, the way the comparison did."""
    pairing = pair(*runs, unpaired=not comparison.paired)
    return Material(lang=lang, pairing=pairing, comparison=comparison)
