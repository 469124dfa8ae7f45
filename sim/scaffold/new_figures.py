"""What a county's own figures say about the numbers a place starts from: as printed, or with stated arithmetic."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.errors import nearest
from sim.evidence import variable_label
from sim.evidence.variables import GROWTH
from sim.scaffold.words import Words, why
from sim.scenario.place_start import TOTALS, UNITS
from sim.units import format_value, month_of, month_text, year_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sim.evidence import Fact

_SAME = ("exports", "businesses", "above_scale_firms", "wage", "national_market_share", "global_market_share")
STARTS_FROM: dict[str, str] = {
    **{name: name for name in (*TOTALS, *_SAME[:3])},
    "employment": "employment_reported",
    **{name: name for name in (*_SAME[3:], "export_destinations")},
}
"""Starting value that each reported variable gives."""

FLOWS = frozenset({"output_value", "operating_revenue", "exports", "imports_and_exports"})
"""Variables summed over a year; the rest are counted on a day."""

MONTHS = 12


@dataclass(frozen=True)
class Taken:
    """A starting value that reported figures give, with their ids.

    Attributes
    ----------
    arithmetic
        How it follows from them, in English and Chinese; empty when the figure is used as printed.
    complete
        False when the figure is of another year and nothing tells how it moved since.
    """

    value: float
    facts: tuple[str, ...]
    arithmetic: tuple[str, str] = ("", "")
    complete: bool = True


class Figures:
    """The reported figures of one place that may be used to start from; announced aims are not.

    With ``derive`` figures may be computed with, else they are used as printed only.
    """

    def __init__(self, facts: Iterable[Fact], *, derive: bool) -> None:
        self.all = tuple(facts)
        self.usable = tuple(item for item in self.all if item.for_calibration)
        self.derive = derive

    def of(self, variable: str) -> tuple[Fact, ...]:
        """Return the figures of one variable."""
        return tuple(item for item in self.usable if item.variable == variable)

    def headline(self) -> tuple[str, Fact] | None:
        """Return the variable the place reports its size in and the figure: the latest whole year, else part of one.

        Of output value and operating revenue of the same year the former is taken.
        """
        found = [(name, item) for name in TOTALS for item in self.of(name) if self._usable(item)]
        if not found:
            return None
        return max(found, key=lambda pair: (whole_year(pair[1]), pair[1].period_end, pair[0] == TOTALS[0]))

    def _usable(self, item: Fact) -> bool:
        return whole_year(item) or (self.derive and months_from_january(item) > 1)

    def base_year(self) -> int | None:
        """Return the year of the headline figure, else the latest year with any level; None without figures."""
        headline = self.headline()
        if headline is not None:
            return year_of(headline[1].period_end)
        levels = [item for item in self.usable if item.variable in STARTS_FROM]
        return max((year_of(item.period_end) for item in levels), default=None)

    def last_month(self) -> int | None:
        """Return the last month with a figure; None without figures."""
        return max((item.period_end for item in self.usable), default=None)

    def take(self, variable: str, year: int) -> Taken | None:
        """Return what the figures say about a variable in a year; None when they say nothing that may be used."""
        if variable not in FLOWS:
            near = sorted(self.of(variable), key=lambda item: (abs(year_of(item.period_end) - year), -item.period_end))
            return Taken(near[0].value_plain, (near[0].id,)) if near else None
        found = [item for item in self.of(variable) if self._usable(item)]
        found = [item for item in found if self.derive or year_of(item.period_end) == year]
        found.sort(key=lambda item: (abs(year_of(item.period_end) - year), not whole_year(item), -item.period_end))
        return self._moved(found[0], year) if found else None

    def _moved(self, item: Fact, year: int) -> Taken:
        """Return a figure for a whole year, moved to another with reported growth."""
        months, value, used = months_from_january(item), item.value_plain, [item.id]
        steps: tuple[list[str], list[str]] = ([], [])
        if months != MONTHS:
            value *= MONTHS / months
            steps[0].append(f" / {months} months x {MONTHS} months")
            steps[1].append(f" ÷ {months}个月 × {MONTHS}个月")
        here, complete = year_of(item.period_end), True
        for later in range(max(here, year), min(here, year), -1):
            growth = self._growth(item, later)
            if growth is None:
                complete = False
                continue
            factor = 1 + growth.value_plain
            value, signs = (value / factor, ("/", "÷")) if here > year else (value * factor, ("x", "×"))
            used.append(growth.id)
            for part, sign in zip(steps, signs, strict=True):
                part.append(f" {sign} {factor:.6g}")
        if here != year and complete:
            steps[0].append(f", to {year}")
            steps[1].append(f"，折算到{year}年")
        elif not complete:
            steps[0].append(f"; of {here}, and no growth is reported to take it to {year}")
            steps[1].append(f"；为{here}年数，没有公布增速，未折算到{year}年")
        if not (steps[0] or steps[1]):
            return Taken(value, tuple(used))
        printed = (format_value(item.value_plain, item.unit_plain, lang, 6) for lang in ("en", "zh"))
        english, chinese = (word + "".join(part) for word, part in zip(printed, steps, strict=True))
        return Taken(value, tuple(used), (english, chinese), complete)

    def _growth(self, item: Fact, year: int) -> Fact | None:
        """Return the growth on the year before of a variable in a year, of the same months when there is one."""
        found = [
            growth
            for growth in self.of(item.variable + GROWTH)
            if year_of(growth.period_end) == year and months_from_january(growth) and growth.value_plain > -1
        ]
        wanted = months_from_january(item)
        found.sort(key=lambda growth: (months_from_january(growth) != wanted, -months_from_january(growth)))
        return found[0] if found else None

    def unused(self, used: Iterable[str]) -> tuple[tuple[Fact, tuple[str, str]], ...]:
        """Return figures that gave no starting value, and why, in English and Chinese."""
        taken = set(used)
        return tuple((item, self._why_not(item)) for item in self.all if item.id not in taken)

    def _why_not(self, item: Fact) -> Words:
        if not item.for_calibration:
            return why("unused_aim")
        if item.variable in FLOWS and not whole_year(item) and months_from_january(item) < 2:
            return why("unused_period", start=month_text(item.period_start), end=month_text(item.period_end))
        if item.variable in FLOWS and not self.derive and not whole_year(item):
            return why("unused_part")
        if item.variable.endswith(GROWTH):
            return why("unused_growth")
        return why("unused_other" if item.variable in STARTS_FROM else "unused_nothing")


def whole_year(item: Fact) -> bool:
    """Whether a figure covers one calendar year."""
    return months_from_january(item) == MONTHS


def months_from_january(item: Fact) -> int:
    """Return how many months a figure covers when it counts from January of one year; else 0."""
    if month_of(item.period_start) != 1 or year_of(item.period_start) != year_of(item.period_end):
        return 0
    return item.period_end - item.period_start + 1


def wrong_figures(items: Iterable[tuple[int, Fact]]) -> tuple[tuple[int, str], ...]:
    """Return line and problem of each figure that cannot be right: a name nearly known, another unit, no such share."""
    found = []
    for line, item in items:
        name = STARTS_FROM.get(item.variable, "exports" if item.variable in FLOWS else "")
        near = nearly(item.variable)
        if near:
            found.append((line, f'variable "{item.variable}" is not known; did you mean "{near}"?'))
        if not name or item.kind == "growth":
            continue
        wanted = UNITS[name]
        if item.unit_plain != wanted:
            found.append((line, f'{item.variable} is in "{item.unit}", wanted {wanted}'))
        elif item.value_plain < 0 or (item.value_plain == 0 and name not in ("exports", "export_destinations")):
            found.append((line, f"{item.variable} = {item.value:g} {item.unit} is not positive"))
        elif wanted == "share" and item.value_plain > 1:
            found.append((line, f"{item.variable} = {item.value:g} {item.unit} is not a share"))
    return tuple(found)


def nearly(variable: str) -> str:
    """Return the variable a place starts from that a name nobody knows was probably meant to be; else nothing."""
    name = variable.removesuffix(GROWTH)
    if name in STARTS_FROM or variable_label(name, "zh") != name:
        return ""
    close = nearest(name, (*STARTS_FROM, *FLOWS), "{}", 0.8)
    return close + variable[len(name) :] if close else ""
