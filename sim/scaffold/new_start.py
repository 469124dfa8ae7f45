"""The numbers a new place starts from: what its figures say, and what has to be assumed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal
from typing import Literal

from sim.scaffold.new_figures import STARTS_FROM, Figures, Taken
from sim.scaffold.new_scaling import NO_KINDS, SCALED, SHARES, TAIL, Cluster, Guess, size_from
from sim.scaffold.words import Words
from sim.scenario.place_ratios import over_output
from sim.scenario.place_start import TOTALS, UNITS
from sim.units import format_money

Kind = Literal["reported", "derived", "assumed"]
AROUND = {"derived": 0.1, "assumed": 0.25}
"""Range about a value computed from figures: with known growth, and without."""
NEWEST_BASE = 2023
"""Base year when no figure gives one: that of the shipped worlds."""
VARIABLES = {name: variable for variable, name in STARTS_FROM.items()}


@dataclass(frozen=True)
class Starting:
    """One starting value as it is written to the file; ``low`` and ``high`` are None for a figure used as printed."""

    name: str
    kind: Kind
    value: float
    low: float | None
    high: float | None
    why: Words
    facts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Start:
    """All starting values, the year they describe, the variable the place reports its size in, and makers' output."""

    values: tuple[Starting, ...]
    year: int
    headline: str
    output: float

    def value(self, name: str) -> float:
        """Return one value."""
        return next(item.value for item in self.values if item.name == name)

    @property
    def used(self) -> tuple[str, ...]:
        """Ids of the place's figures that values come from."""
        return tuple(dict.fromkeys(fact for item in self.values for fact in item.facts))


def start_from(figures: Figures, industry: str, province: str) -> Start:
    """Return the starting values of a place: each one a figure, computed from figures, or a range assumed.

    ``province`` is the first two digits of the administrative code, or empty.
    """
    year = figures.base_year() or NEWEST_BASE
    found: dict[str, Starting] = {}
    for name, variable in VARIABLES.items():
        taken = figures.take(variable, year) if name not in TOTALS else None
        if taken is not None:
            found[name] = _from_figures(name, taken)
    headline = figures.headline()
    main = headline[0] if headline else TOTALS[0]
    size = figures.take(main, year) if headline else None
    if size is not None:
        found[main] = _from_figures(main, size)
    else:
        found[main] = _assumed(main, size_from({name: item.value for name, item in found.items()}, industry))
    for name, (value, low, high) in SHARES.items():
        found[name] = _assumed(name, Guess(value, low, high, NO_KINDS))
    found["size_tail_index"] = _assumed("size_tail_index", TAIL)
    output = found[main].value / over_output(main, industry)
    trade = figures.take("imports_and_exports", year)
    for name, guess in SCALED.items():
        if name not in found:
            known = {key: item.value for key, item in found.items()}
            cluster = Cluster(known, output, industry, province, year, trade.value if trade else None)
            found[name] = _assumed(name, guess(cluster))
            if name == "exports" and trade is not None:
                found[name] = _of_trade(found[name], trade)
    return Start(tuple(found[name] for name in UNITS if name in found), year, main, output)


def _from_figures(name: str, taken: Taken) -> Starting:
    if not any(taken.arithmetic):
        return Starting(name, "reported", taken.value, None, None, ("", ""), taken.facts)
    kind: Kind = "derived" if taken.complete else "assumed"
    value = rounded(taken.value, UNITS[name], 4)
    low, high = taken.value * (1 - AROUND[kind]), taken.value * (1 + AROUND[kind])
    return Starting(name, kind, value, *_bounds(low, high, UNITS[name]), taken.arithmetic, taken.facts)


def _of_trade(item: Starting, trade: Taken) -> Starting:
    """Name imports plus exports as what an assumed value of exports rests on."""
    english, chinese = (
        f"{why} ({arithmetic})" if arithmetic else why
        for why, arithmetic in zip(item.why, trade.arithmetic, strict=True)
    )
    return replace(item, why=(english, chinese), facts=trade.facts)


def _assumed(name: str, guess: Guess) -> Starting:
    unit = UNITS[name]
    low, high = _bounds(guess.low, guess.high, unit)
    value = min(max(rounded(guess.value, unit, 2), low), high)
    return Starting(name, "assumed", value, low, high, guess.why, guess.facts)


def _bounds(low: float, high: float, unit: str) -> tuple[float, float]:
    return rounded(low, unit, 2, ROUND_FLOOR), rounded(high, unit, 2, ROUND_CEILING)


def rounded(value: float, unit: str, digits: int, direction: str = ROUND_HALF_EVEN) -> float:
    """Return a value with some significant digits; a count is whole."""
    if value == 0:
        return 0.0
    number = Decimal(repr(value))
    step = Decimal(1).scaleb(number.adjusted() - digits + 1)
    if unit in ("count", "persons"):
        step = max(step, Decimal(1))
    result = float(number.quantize(step, rounding=direction))
    return min(result, 1.0) if unit == "share" else result


def written(value: float, unit: str, lang: str) -> str:
    """Return a value as TOML: money with its unit, counts whole, shares and indices as numbers."""
    if unit in ("yuan", "yuan/year"):
        return f'"{format_money(value, lang, per="year" if unit == "yuan/year" else None, digits=12)}"'
    if unit in ("count", "persons"):
        return str(round(value))
    return f"{Decimal(repr(value)).normalize():f}"
