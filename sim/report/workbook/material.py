"""What the sheets are made of: a comparison with its runs and the language, and numbers.

The value of a cell stays a number in full precision, its format says unit and digits.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.compare.notes import covered, only_zh
from sim.compare.runs import pair
from sim.report.figures.describe import Shown, capital
from sim.report.rounding import Scale, band_decimals, row_scale, scale_for, significant
from sim.report.table import named, one_line, table
from sim.units import pick

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from sim.compare.comparison import Comparison, Row
    from sim.compare.statistics import Band
    from sim.experiments import Run
    from sim.report.table import Column
    from sim.units import Language

MOST_DECIMALS = 4
SMALLEST_YUAN = 0.005
"""Half a fen: less than this is the rounding error of a sum."""


@dataclass(frozen=True)
class Number:
    """A number and how it is shown: its digits after the point (negative leaves them to the spreadsheet).

    ``label`` is the unit behind it, ``%`` for a share that the spreadsheet itself shows in percent; ``signed`` gives a
    gain a plus sign.
    """

    value: float
    decimals: int = 0
    label: str = ""
    signed: bool = False

    @property
    def form(self) -> str:
        """The number format of the cell."""
        if self.decimals < 0:
            return "General"
        body = "#,##0" + (f".{'0' * self.decimals}" if self.decimals > 0 else "")
        body += "%" if self.label == "%" else f'"{self.label}"' if self.label else ""
        if math.isfinite(self.value) and abs(self._shown) < 0.5 * 10.0**-self.decimals:
            # Zero has no sign: a small loss would be shown as -0.0.
            return f"{body};{body};{body}" if self.value else body
        return f"+{body};-{body};{body}" if self.signed else body

    @property
    def text(self) -> str:
        """The number about as the spreadsheet shows it, to measure columns by."""
        if not math.isfinite(self.value):
            return ""
        if self.decimals < 0:
            return f"{self.value:g}"
        return f"{self._shown:{'+' if self.signed else ''},.{self.decimals}f}{self.label}"

    @property
    def _shown(self) -> float:
        """The value as its digits say it: a share in percent."""
        return 100.0 * self.value if self.label == "%" else self.value


@dataclass(frozen=True)
class Measure:
    """How levels and differences of one variable are shown, the same in all cells of a row or block."""

    scale: Scale
    decimals: int
    finer: int
    language: Language

    @property
    def unit(self) -> str:
        """Unit of levels, for the column of units."""
        return self.scale.label

    @property
    def unit_of_differences(self) -> str:
        """Unit of differences: percentage points for a share."""
        return self.scale.of_differences

    def level(self, value: float) -> Number:
        """Return a level (plain unit)."""
        if self.scale.label == "%":
            # A share is kept as a fraction, a rate in percent is turned into one: both are shown in percent.
            return Number(value * (1.0 if self.scale.divisor == 0.01 else 0.01), self.decimals, "%")
        return Number(value / self.scale.divisor, self.decimals, self._suffix(self.scale.label))

    def difference(self, value: float) -> Number:
        """Return a difference (plain unit)."""
        label = self._suffix(self.scale.of_differences.replace("个百分点", "百分点"))
        return Number(value / self.scale.divisor, self.finer, label, signed=True)

    def cells(self, a: Band, b: Band, difference: Band) -> list[Number]:
        """Return median and ends of the 90% band of A, B and their difference."""
        levels = [self.level(value) for band in (a, b) for value in (band.p50, band.p05, band.p95)]
        return [*levels, *(self.difference(value) for value in (difference.p50, difference.p05, difference.p95))]

    def _suffix(self, label: str) -> str:
        """Return the unit behind numbers; English ones are long and stand in the column of units alone."""
        return pick(self.language, "", label)


def measure_of(row: Row, language: Language) -> Measure:
    """Return how one row is shown: its unit, and no more digits than simulation noise allows."""
    scale = row_scale(row, language)
    level = band_decimals(row.a, row.a_se, scale.divisor)
    finer = band_decimals(row.difference, row.mc_se, scale.divisor)
    return Measure(scale, _between(level), _between(finer), language)


def plain_measure(unit: str, largest: float, digits: int, language: Language) -> Measure:
    """Return how values up to ``largest`` (plain unit) are shown with ``digits`` significant digits."""
    scale = scale_for(unit, largest, language)
    decimals = _between(significant(largest / scale.divisor, digits))
    return Measure(scale, decimals, decimals, language)


def _between(decimals: int) -> int:
    return min(max(decimals, 0), MOST_DECIMALS)


def percent(value: float) -> Number:
    """Return a change given in percent, with its sign."""
    return Number(value / 100.0, 1, "%", signed=True)


def without_dust(yuan: float) -> float:
    """Return an amount, exactly zero when it is less than half a fen."""
    return 0.0 if abs(yuan) < SMALLEST_YUAN else yuan


@dataclass(frozen=True, kw_only=True)
class Material(Shown):
    """A comparison with its runs; ``pairing`` puts their replicates side by side as the comparison did."""

    comparison: Comparison

    def heading(self, row: Row) -> str:
        """Return what a row's variable is called, with a capital where the language has them."""
        return self.pick(capital(row.label), row.label_zh)

    def series(self, variable: str, period: str = "year") -> list[Row]:
        """Return the rows of a variable for the whole run, of one kind of period, in order of time."""
        whole, kind = self.comparison.place, (variable, period)
        return [row for row in self.comparison.rows if row.place == whole and (row.variable, row.period_kind) == kind]

    def table(self, name: str, rows: Sequence[Sequence[Any]], /, **values: object) -> list[Column]:
        """Return a table of ``tables.toml`` with rows; ``rough`` is said of the ends of bands with few runs."""
        rough = self.say("material.rough") if self.comparison.note("rough") else ""
        return table(self.lang, name, rows, **({"rough": rough} | values))

    def about(self, *more: str) -> tuple[str, ...]:
        """Return the lines under every title: B, A, and how far the numbers carry; then ``more``."""
        c, say = self.comparison, self.say
        runs = "paired_runs" if c.paired else "unpaired_runs_or_more"
        notes = [c.note("span"), c.note("few") or c.note("rough")]
        lines = [say(f"material.{runs}", n_pairs=c.n_pairs)]
        lines += [self.pick(note.en, note.zh).rstrip(".。") for note in notes if note]
        if not c.setting.calibrated:
            source = c.setting.drawn_from, c.setting.worlds
            inside, inside_zh = covered(*source)
            values = {"inside": inside, "only_zh": only_zh(*source), "inside_zh": inside_zh}
            lines.append(say("material.parameters_not_calibrated_ranges", **values))
        lines.append(say("material.simulation_not_forecast"))
        sides = ((say("material.b_scenario"), c.b), (say("material.baseline"), c.a))
        names = (f"{head}{one_line(named(side, self.lang))} [{side.id}]" for head, side in sides)
        return (*names, say("marks.semicolon").join(lines), *more)


def material_of(comparison: Comparison, runs: tuple[Run, Run], lang: Language) -> Material:
    """Pair the runs, scenario first, the way the comparison did."""
    pairing = pair(*runs, unpaired=not comparison.paired)
    return Material(lang=lang, pairing=pairing, comparison=comparison)
