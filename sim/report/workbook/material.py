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
        return self.say(capital(row.label), row.label_zh)

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
        return self.say(" rough", " 粗略") if self.comparison.note("rough") else ""

    def columns(self, rough: str = "") -> list[Column]:
        """Return the columns of median and 90% band of A, B and their difference; ``rough`` is said of the bands."""
        median, *ends = (self.say("median", "中位数"), f"5%{rough}", f"95%{rough}")
        levels = [Column(f"{side} {what}") for side in ("A", "B") for what in (median, *ends)]
        return [*levels, Column(self.say("B − A median", "B−A 中位数")), *(Column(f"B−A {end}") for end in ends)]

    def about(self, *more: str) -> tuple[str, ...]:
        """Return the lines under every title: B, A, and how far the numbers carry; then ``more``."""
        c, say = self.comparison, self.say
        lines = [say(f"{c.n_pairs} paired runs", f"{c.n_pairs}次配对推演")]
        if not c.paired:
            lines = [say(f"UNPAIRED runs, {c.n_pairs} or more a side", f"非配对推演，每边至少{c.n_pairs}次")]
        notes = [c.note("span"), c.note("few") or c.note("rough")]
        lines += [say(note.en, note.zh).rstrip(".。") for note in notes if note]
        if not c.setting.calibrated:
            source = c.setting.drawn_from, c.setting.worlds
            inside, inside_zh = covered(*source)
            zh = f"参数未校准，区间{only_zh(*source)}反映{inside_zh}"
            lines.append(say(f"parameters not calibrated, ranges cover {inside}", zh))
        lines.append(say("a simulation, not a forecast", "模型推演，不是预测"))
        sides = ((say("B (scenario): ", "B（情形）："), c.b), (say("A (baseline): ", "A（基准）："), c.a))
        names = (f"{head}{one_line(named(side, self.lang))} [{side.id}]" for head, side in sides)
        return (*names, say("; ", "；").join(lines), *more)


def material_of(comparison: Comparison, runs: tuple[Run, Run], lang: Language) -> Material:
    """Pair the runs, scenario first, the way the comparison did."""
    pairing = pair(*runs, unpaired=not comparison.paired)
    return Material(lang=lang, pairing=pairing, comparison=comparison)
