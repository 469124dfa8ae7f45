"""The numbers a new place starts from: what the county's own figures say, and what has to be assumed.

A figure is used as printed, or with stated arithmetic (annualised, moved between years). What nobody reported is a
range scaled from the cluster's output, with the reason for it: ratios between figures (output for each business, for
each worker, exports in output) are those of the clusters in the library's evidence; everything else is an assumption
like those of the shipped places, and says so. Reasons and assumed numbers stand in ``assumed.toml``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal
from typing import Any, Literal

from sim.errors import nearest
from sim.evidence import Fact, Series, find_fact, find_series, load_series, variable_label
from sim.evidence.variables import GROWTH
from sim.inputs.data import beside
from sim.inputs.problems import LANGUAGES, Findings, Spot
from sim.inputs.words import Both, Words
from sim.parameters import load_parameters
from sim.scenario.place_doubts import Ratio, library_facts, over_output, ratio
from sim.scenario.place_start import TOTALS, UNITS
from sim.scenario.places import read_place
from sim.scenario.scenario_files import known_inputs
from sim.scenario.synthetic import mean_above_scale
from sim.units import format_money, format_value, month_of, month_text, year_of
from sim.workspace import library_root

NUMBERS: Mapping[str, Any] = beside(__file__, "assumed.toml")["numbers"]
"""Numbers that are assumed: values with their ranges, as the shipped places assume them."""
_REASONS = Words(__file__, "assumed.toml")
Kind = Literal["reported", "derived", "assumed"]
AS_PRINTED = Both("", "")


@dataclass(frozen=True)
class Starting:
    """One starting value, and where it comes from.

    Attributes
    ----------
    low, high
        Range in which it may lie; None for a figure used as printed.
    why
        In English and Chinese how it follows from the ``facts``, or why it is assumed; empty for one as printed.
    """

    kind: Kind
    value: float
    low: float | None = None
    high: float | None = None
    why: Both = AS_PRINTED
    facts: tuple[str, ...] = ()
    name: str = ""


def guess(value: float, low: float, high: float, why: Both, facts: tuple[str, ...] = ()) -> Starting:
    """Return an assumed value."""
    return Starting("assumed", value, low, high, why, facts)


def why(name: str, **values: Any) -> Both:
    """Return a reason of ``assumed.toml`` in both languages, filled with values."""
    return _REASONS.both(f"why.{name}", **values)


# --- figures ------------------------------------------------------------------------------------------------

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
AROUND: Mapping[Kind, float] = {"derived": 0.1, "assumed": 0.25}
"""Range about a value computed from figures: with known growth, and when nothing tells how it moved since."""


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

    def take(self, variable: str, year: int) -> Starting | None:
        """Return what the figures say about a variable in a year; None when they say nothing that may be used."""
        if variable not in FLOWS:
            near = sorted(self.of(variable), key=lambda item: (abs(year_of(item.period_end) - year), -item.period_end))
            return Starting("reported", near[0].value_plain, facts=(near[0].id,)) if near else None
        found = [item for item in self.of(variable) if self._usable(item)]
        found = [item for item in found if self.derive or year_of(item.period_end) == year]
        found.sort(key=lambda item: (abs(year_of(item.period_end) - year), not whole_year(item), -item.period_end))
        return self._moved(found[0], year) if found else None

    def _moved(self, item: Fact, year: int) -> Starting:
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
            return Starting("reported", value, facts=tuple(used))
        printed = (format_value(item.value_plain, item.unit_plain, lang, 6) for lang in ("en", "zh"))
        arithmetic = Both(*(word + "".join(part) for word, part in zip(printed, steps, strict=True)))
        kind: Kind = "derived" if complete else "assumed"
        low, high = value * (1 - AROUND[kind]), value * (1 + AROUND[kind])
        return Starting(kind, value, low, high, arithmetic, tuple(used))

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

    def unused(self, used: Iterable[str]) -> tuple[tuple[Fact, Both], ...]:
        """Return figures that gave no starting value, and why, in English and Chinese."""
        taken = set(used)
        return tuple((item, self._why_not(item)) for item in self.all if item.id not in taken)

    def _why_not(self, item: Fact) -> Both:
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


def wrong_figures(items: Mapping[Spot, Fact], findings: Findings) -> None:
    """Note each figure that cannot be right: a name nearly known, another unit, no such share."""
    for spot, item in items.items():
        name = STARTS_FROM.get(item.variable, "exports" if item.variable in FLOWS else "")
        values = {"variable": item.variable, "unit": item.unit, "value": f"{item.value:g} {item.unit}"}
        meant = nearly(item.variable)
        if meant:
            findings.add("figure_name", spot, **values, meant=meant)
        if not name or item.kind == "growth":
            continue
        wanted, zero = UNITS[name], name in ("exports", "export_destinations")
        if item.unit_plain != wanted:
            findings.add("figure_unit", spot, **values, wanted=wanted)
        elif item.value_plain < 0 or (item.value_plain == 0 and not zero):
            findings.add("figure_not_positive", spot, **values)
        elif wanted == "share" and item.value_plain > 1:
            findings.add("figure_no_share", spot, **values)


def nearly(variable: str) -> str:
    """Return the variable a place starts from that a name nobody knows was probably meant to be; else nothing."""
    name = variable.removesuffix(GROWTH)
    if name in STARTS_FROM or variable_label(name, "zh") != name:
        return ""
    close = nearest(name, (*STARTS_FROM, *FLOWS), "{}", 0.8)
    return close + variable[len(name) :] if close else ""


# --- what nobody reported ---------------------------------------------------------------------------------------

LIKE = "yongnian"
"""The shipped place with most reported figures."""


def _amount(yuan: float) -> Both:
    return Both(*(format_money(yuan, lang, digits=2) for lang in LANGUAGES))


def _listed(found: Ratio) -> list[Both]:
    """Return each place with its ratio."""
    return [Both(*(f"{place} {text}" for text in _amount(value))) for place, value in found.by_place.items()]


def size_from(known: Mapping[str, float], industry: str) -> Starting:
    """Return a cluster's yearly output when none is reported: from its workers or businesses, else an example."""
    for name, variable in (("employment_reported", "employment"), ("businesses", "businesses")):
        if name in known:
            found, count = ratio(variable, industry), known[name]
            reason = why(f"output_by_{variable}", others=_listed(found))
            return guess(count * found.value, count * found.low, count * found.high, reason, found.facts)
    value, low, high = NUMBERS["output"]
    return guess(value, low, high, why("output_example"))


def domestic_market(industry: str) -> tuple[str, float, float] | None:
    """Return a shipped place of the industry, its output and national share; a reported share is preferred."""
    folders = (library_root() / "scenarios",)
    there = {path.stem for path in (folders[0] / "places").glob("*.toml")}
    found = []
    for identifier in [name for name in known_inputs("places") if name in there]:
        known = read_place(identifier, folders, library_facts())
        if known.place.industry != industry:
            continue
        origins = {item.name: item for item in known.origins}
        share = origins["national_market_share"]
        output = origins["output_value"] if "output_value" in origins else origins["operating_revenue"]
        total = output.value / over_output(output.name, industry)
        found.append((share.kind != "reported", identifier, total, share.value))
    return min(found)[1:] if found else None


@dataclass(frozen=True)
class Cluster:
    """What is known when the rest is scaled: values by name, makers' output in yuan, where the place is.

    ``trade`` is imports plus exports.
    """

    known: Mapping[str, float]
    output: float
    industry: str
    province: str
    year: int
    trade: Starting | None = None

    @property
    def makers(self) -> float:
        """Number of makers."""
        return self.known["businesses"] * self.known["maker_share"]


def _by_ratio(cluster: Cluster, variable: str) -> Starting:
    """Scale a count from output by what other clusters report for each counted."""
    found = ratio(variable, cluster.industry)
    total = cluster.known.get("operating_revenue", cluster.output)
    reason = why(f"count_of_{variable}", others=_listed(found))
    return guess(total / found.value, total / found.high, total / found.low, reason, found.facts)


def above_scale_firms(cluster: Cluster) -> Starting:
    """Scale above-scale firms from output by the size law: they make more of it where makers are larger."""
    from sim.rules.elementary import log  # here, since checking a file needs no compiler

    mean = mean_above_scale(cluster.known["size_tail_index"], load_parameters())
    average = cluster.output / cluster.makers
    share = min(max(0.32 + 0.23 * log(average / 2.3e6), 0.15), 0.8)
    count, most = share * cluster.output / mean, 0.9 * cluster.makers
    amounts = {"mean": mean / 1e4, "mean_m": mean / 1e6, "average": average / 1e4, "average_m": average / 1e6}
    reason = why("above_scale_firms", share=share, **amounts)
    return guess(min(count, most), min(count / 2, most), min(count * 1.6, most), reason)


def exports(cluster: Cluster) -> Starting:
    """Take exports as part of imports and exports when those are reported, else as a share of output."""
    if cluster.trade is not None:
        trade = cluster.trade
        reason = why("exports_of_trade")
        if any(trade.why):
            reason = Both(f"{reason.en} ({trade.why.en})", f"{reason.zh} ({trade.why.zh})")
        return guess(0.8 * trade.value, 0.4 * trade.value, trade.value, reason, trade.facts)
    months, growth, total = (
        find_fact(name, library_facts())
        for name in ("yn-exports-2024-8m", "yn-exports-growth-2024-8m", "yn-output-2023")
    )
    yearly = months.value_plain * MONTHS / months_from_january(months) / (1 + growth.value_plain)
    share = yearly / total.value_plain
    low, high = 0.005 * cluster.output, 0.1 * cluster.output
    reason = why("exports", share=share, like=LIKE)
    return guess(share * cluster.output, low, high, reason, (months.id, growth.id, total.id))


def export_destinations(cluster: Cluster) -> Starting:
    """Scale countries with the square root of exports."""
    item = find_fact("yn-export-countries-2023", library_facts())
    count = item.value_plain * math.sqrt(cluster.known["exports"] / 1.486e9)
    reason = why("export_destinations", value=item.value, like=LIKE)
    return guess(count, count / 2, min(2 * count, 200.0), reason, (item.id,))


def national_market_share(cluster: Cluster) -> Starting:
    """Take the share of the market that a known place of the same industry has, else a small share."""
    abroad = cluster.known.get("global_market_share")
    if abroad is not None:
        return guess(min(2 * abroad, 0.95), abroad, min(4 * abroad, 1.0), why("national_share_by_world"))
    market = domestic_market(cluster.industry)
    if market is None:
        return guess(0.05, 0.01, 0.2, why("national_share_unknown"))
    place, output, share = market
    value = min(cluster.output / (output / share), 0.9)
    reason = why("national_share_by_market", place=place, market=_amount(output / share))
    return guess(value, value / 3, min(2 * value, 0.95), reason)


def global_market_share(cluster: Cluster) -> Starting:
    """Scale the share of the world market from the national one."""
    world, nation = (find_fact(f"yn-share-{each}-2023", library_facts()) for each in ("global", "national"))
    part = world.value_plain / nation.value_plain
    value = cluster.known["national_market_share"]
    reason = why("global_share", part=part, like=LIKE)
    return guess(part * value, 0.2 * value, 0.8 * value, reason, (world.id, nation.id))


def _buyers(sold: float, purchase: str, least: float, reason: Both) -> Starting:
    """Scale buyers from sales."""
    middle, low, high = NUMBERS[purchase]
    value, fewest, most = (max(sold / each, float(least)) for each in (middle, high, low))
    return guess(value, fewest, most, reason)


def domestic_buyers(cluster: Cluster) -> Starting:
    """Scale buyers at home from sales at home."""
    sold, fewest = max(cluster.output - cluster.known["exports"], 0.0), NUMBERS["fewest_buyers"]
    return _buyers(sold, "domestic_purchase", fewest, why("domestic_buyers", fewest=fewest))


def foreign_buyers(cluster: Cluster) -> Starting:
    """Scale buyers abroad from exports, most of whom do not know the cluster."""
    sold = cluster.known["exports"]
    fewest = NUMBERS["fewest_buyers"] / 2 if sold > 0 else 0.0
    return _buyers(sold, "foreign_purchase", fewest, why("foreign_buyers", like=LIKE))


def wage(cluster: Cluster) -> Starting:
    """Take the yearly wage from the published wage of private units in the province or the country."""
    name, english, chinese, part, low, high = NUMBERS["wage"].get(cluster.province, NUMBERS["wage"][""])
    known = load_series()
    series, nation = find_series(name, known), find_series(NUMBERS["wage"][""][0], known)
    at, published = _nearest(series, cluster.year)
    value = published * _nearest(nation, cluster.year)[1] / _nearest(nation, at)[1]
    reason = why("wage", part=part, where=Both(english, chinese), value=value, year=cluster.year, series=name, at=at)
    return guess(part * value, low * value, high * value, reason)


def _nearest(series: Series, year: int) -> tuple[int, float]:
    """Return the year nearest to one for which a series has a number, and the number."""
    found = [(at, item.value) for at in range(year - 20, year + 20) if (item := series.year(at)) is not None]
    return min(found, key=lambda pair: abs(pair[0] - year))


def county_balance(cluster: Cluster) -> Starting:
    """Scale the opening balance of the programme account from output."""
    value, low, high = (share * cluster.output for share in NUMBERS["balance"])
    return guess(value, low, high, why("county_balance", share=NUMBERS["balance"][0]))


SCALED: dict[str, Callable[[Cluster], Starting]] = {
    "businesses": lambda cluster: _by_ratio(cluster, "businesses"),
    "above_scale_firms": above_scale_firms,
    "exports": exports,
    "national_market_share": national_market_share,
    "global_market_share": global_market_share,
    "export_destinations": export_destinations,
    "domestic_buyers": domestic_buyers,
    "foreign_buyers": foreign_buyers,
    "employment_reported": lambda cluster: _by_ratio(cluster, "employment"),
    "wage": wage,
    "county_balance": county_balance,
}
"""How each starting value is scaled, in an order in which what is needed is there."""


# --- all of them ------------------------------------------------------------------------------------------------

NEWEST_BASE = 2023
"""Base year when no figure gives one: that of the shipped worlds."""
VARIABLES = {name: variable for variable, name in STARTS_FROM.items()}


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

    def put(name: str, item: Starting, digits: int = 2) -> None:
        """Put in a value, rounded unless it is a figure as printed."""
        if item.low is not None and item.high is not None:
            low, high = _bounds(item.low, item.high, UNITS[name])
            value = min(max(rounded(item.value, UNITS[name], digits), low), high)
            item = replace(item, value=value, low=low, high=high)
        found[name] = replace(item, name=name)

    for name, variable in VARIABLES.items():
        taken = figures.take(variable, year) if name not in TOTALS else None
        if taken is not None:
            put(name, taken, 4)
    headline = figures.headline()
    main = headline[0] if headline else TOTALS[0]
    size = figures.take(main, year) if headline else None
    if size is not None:
        put(main, size, 4)
    else:
        put(main, size_from({name: item.value for name, item in found.items()}, industry))
    for name, (reason, value, low, high) in NUMBERS["fixed"].items():
        put(name, guess(value, low, high, why(reason)))
    output = found[main].value / over_output(main, industry)
    trade = figures.take("imports_and_exports", year)
    for name, scaled in SCALED.items():
        if name not in found:
            known = {key: item.value for key, item in found.items()}
            put(name, scaled(Cluster(known, output, industry, province, year, trade)))
    return Start(tuple(found[name] for name in UNITS if name in found), year, main, output)


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
