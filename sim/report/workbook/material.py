"""What the sheets are made of: a comparison, its two runs, and the language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.compare.runs import pair
from sim.report.words import named

if TYPE_CHECKING:
    from sim.compare.comparison import Comparison, Row, Side
    from sim.compare.runs import Pairing
    from sim.experiments import Run
    from sim.report.numbers import Language


@dataclass(frozen=True)
class Material:
    """A comparison with its runs; ``pairing`` puts their replicates side by side as the comparison did."""

    comparison: Comparison
    pairing: Pairing
    language: Language

    @property
    def b(self) -> Run:
        """The scenario."""
        return self.pairing.b

    @property
    def a(self) -> Run:
        """The baseline."""
        return self.pairing.a

    def say(self, english: str, chinese: str) -> str:
        """Return the text of the language."""
        return chinese if self.language == "zh" else english

    def label(self, row: Row) -> str:
        """Return what a row's variable is called, with a capital where the language has them."""
        return row.label_zh if self.language == "zh" else row.label[:1].upper() + row.label[1:]

    def name(self, side: Side) -> str:
        """Return what a scenario is called, on one line."""
        return " ".join(named(side, self.language).split())

    def series(self, variable: str) -> dict[int, Row]:
        """Return the yearly rows of a variable for the whole run, by year."""
        place = self.comparison.place
        return {
            int(row.period): row
            for row in self.comparison.rows
            if row.variable == variable and row.period_kind == "year" and row.place == place
        }

    def about(self) -> tuple[str, ...]:
        """Return the lines under every title: B, A, and how far the numbers carry."""
        c = self.comparison
        runs = self.say(f"{c.n_pairs} paired runs", f"{c.n_pairs}次配对推演")
        if not c.paired:
            runs = self.say(f"UNPAIRED runs, {c.n_pairs} or more a side", f"非配对推演，每边至少{c.n_pairs}次")
        lines = [runs]
        span = c.note("span")
        if span is not None:
            lines.append(self.say(span.en, span.zh).rstrip(".。"))
        few, rough = c.note("few"), c.note("rough")
        if few or rough:
            note = few or rough
            assert note is not None
            lines.append(self.say(note.en, note.zh).rstrip(".。"))
        if not c.setting.calibrated:
            lines.append(
                self.say("parameters not calibrated, ranges cover chance only", "参数未校准，区间只反映随机因素")
            )
        lines.append(self.say("a simulation, not a forecast", "模型推演，不是预测"))
        return (
            self.say("B (scenario): ", "B（情形）：") + f"{self.name(c.b)} [{c.b.id}]",
            self.say("A (baseline): ", "A（基准）：") + f"{self.name(c.a)} [{c.a.id}]",
            self.say("; ", "；").join(lines),
        )


def material_of(comparison: Comparison, runs: tuple[Run, Run], language: Language) -> Material:
    """Pair the runs, scenario first, the way the comparison did."""
    return Material(comparison, pair(*runs, unpaired=not comparison.paired), language)
