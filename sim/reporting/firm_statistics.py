"""Facts of firms: what is published of how firms are born, grow, invest and close, and the same of a simulated panel.

What is published lies in ``calibration/firm_facts.toml`` (``read_facts``); ``measured`` takes the same numbers from a
panel of a run, firms of a row counted as often as there are (``sim.state.record.PANEL``). The estimators are plain
functions of arrays, so that samples whose answer is known can be handed to them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from sim import workspace
from sim.inputs.files import InputFile
from sim.inputs.problems import InputErrors
from sim.rules.elementary import exp, exps, log, logs
from sim.rules.measures import gini, hill_index, top_share
from sim.state.columns import MAKER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sim.units import Language

    Panel = NDArray[np.void]
    Floats = NDArray[np.float64]

FILE: Final = "firm_facts.toml"
SAYS: Final = "what is published of firms"
STOCK: Final = "counted_stock"
MONTHS: Final = 12
AGES: Final = (("year_1", 0, 1), ("year_2", 1, 2), ("year_3", 2, 3), ("years_4_7", 3, 7), ("later", 7, 999))
"""Classes of age for which the hazard of closing is published: name, first year, and the year after the last."""
ESTABLISHED: Final = 1.0
"""Age in years from which revenue and profit of the last twelve months are those of a full year."""
SPIKE: Final = 0.2
"""Yearly spending on equipment over equipment from which it is a spike (literature B2)."""
TAIL: Final = 0.05
"""Share of makers, the largest, from which the tail index is estimated (Heinrich and Dai fit the upper tail)."""
LEAST_TAIL: Final = 50
"""Makers from which it is estimated at least: its relative error is one over the root of their number."""
SIZES: Final = 10
"""Classes of size, each with as many firms, over which the spread of growth is followed."""
LEAST_IN_CLASS: Final = 20
"""Observations of a class below which its spread is not used."""
QUARTERS: Final = 4
YOUNG, OLD = 5.0, 10.0
"""Ages in years that part young firms from those in between and old ones (SAIC 2013)."""
SHAPES: Final = (0.25, 6.0)
"""Range in which the shape of growth rates is looked for."""
GOLDEN: Final = 0.6180339887498949
STEPS: Final = 40


@dataclass(frozen=True)
class Fact:
    """A published fact of firms and the range it is known within.

    Attributes
    ----------
    low, high
        Range within which the model's number must lie; infinite on a side that nothing is published of.
    published
        The number as published; ``published_zh`` where that takes words.
    unit
        ``share``, ``1/year``, ``log`` or ``1``.
    status, source
        As in ``priors.toml``.
    note
        What differs between the published basis and the measured one; empty when nothing does.
    deviation
        Standard deviation with which fits are told the middle of the range, or its one end; 0: no fit is told.
    """

    name: str
    about: str
    about_zh: str
    low: float
    high: float
    published: str
    unit: str
    status: str
    source: str
    note: str = ""
    deviation: float = 0.0
    published_zh: str = ""

    def label(self, language: Language) -> str:
        """Return what the fact is, in words."""
        return self.about_zh if language == "zh" else self.about

    def holds(self, value: float) -> bool:
        """Return whether a number lies in the range; one that could not be measured does not."""
        return self.low <= value <= self.high


@dataclass(frozen=True)
class Stock:
    """The stock whose age structure was counted: how foundings grew a year, and the age of its oldest firms."""

    growth: float
    oldest: float
    status: str
    source: str


def read_stock() -> Stock:
    """Return the stock of firms whose age structure was counted; raises as ``read_facts``."""
    file = InputFile(workspace.needed(FILE, SAYS))
    try:
        return Stock(**file.data[STOCK])
    except (KeyError, TypeError) as problem:
        file.add((STOCK,), f"{STOCK}: {problem}")
        raise InputErrors(file.findings.errors) from None


def read_facts() -> tuple[Fact, ...]:
    """Return the published facts in the order of their file.

    Raises
    ------
    UserError
        If the file is missing or an entry is not what it has to be.
    """
    file, found = InputFile(workspace.needed(FILE, SAYS)), []
    for name, entry in file.without((STOCK,)).items():
        try:
            fact = Fact(name, **{"low": -math.inf, "high": math.inf, **entry})
            ordered = fact.low < fact.high
        except TypeError as problem:
            file.add((name,), f"{name}: {problem}")
            continue
        if name not in MEASURED:
            file.add((name,), f"{name}: no such fact is measured; known are {', '.join(MEASURED)}")
        if not ordered:
            file.add((name,), f"{name}: low must be below high")
        if not fact.source:
            file.add((name,), f"{name}: no source")
        found.append(fact)
    file.findings.stop_if_wrong()
    return tuple(found)


# --- estimators ----------------------------------------------------------------------------------------------------


def weighted_median(values: Floats, weights: Floats) -> float:
    """Return the median of ``values`` with frequency ``weights`` (both shape (n,))."""
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weights[order])
    return float(values[order[int(np.searchsorted(reached, 0.5 * reached[-1]))]])


def log_gamma(x: float) -> float:
    """Return the logarithm of the gamma function at ``x`` above 0: Stirling's series, exact to ten digits."""
    less = 0.0
    while x < 10.0:
        less += log(x)
        x += 1.0
    inverse = 1.0 / x
    square = inverse * inverse
    series = inverse * (1.0 / 12.0 - square * (1.0 / 360.0 - square * (1.0 / 1260.0 - square / 1680.0)))
    return (x - 0.5) * log(x) - x + 0.9189385332046727 + series - less


def subbotin(values: Floats, weights: Floats) -> tuple[float, float]:
    """Return shape and standard deviation of a Subbotin distribution fitted by maximum likelihood.

    Its density is proportional to exp(-|x - m|^b / (b a^b)): shape b = 1 is Laplace's, 2 the normal one (Bottazzi and
    Secchi 2006). ``m`` is the median; given b the scale has a^b = mean |x - m|^b, and b minimises the negative log
    likelihood a value, log 2 + log a + log(b)/b + log Gamma(1 + 1/b) + 1/b. The standard deviation is that of the
    fitted distribution, a b^(1/b) sqrt(Gamma(3/b) / Gamma(1/b)), which a few wild values do not carry away.
    """
    away = np.abs(values - weighted_median(values, weights))
    total = float(weights.sum())
    sizes = logs(np.maximum(away, 1e-12))
    low, high = (log(end) for end in SHAPES)

    def scale(shape: float) -> float:
        raised = float((exps(shape * sizes) * weights).sum()) / total
        return log(raised) / shape

    def cost(log_shape: float) -> float:
        shape = exp(log_shape)
        return scale(shape) + log(shape) / shape + log_gamma(1.0 + 1.0 / shape) + 1.0 / shape

    left, right = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
    at_left, at_right = cost(left), cost(right)
    for _ in range(STEPS):
        if at_left < at_right:
            high, right, at_right = right, left, at_left
            left = high - GOLDEN * (high - low)
            at_left = cost(left)
        else:
            low, left, at_left = left, right, at_right
            right = low + GOLDEN * (high - low)
            at_right = cost(right)
    shape = exp(0.5 * (low + high))
    spread = scale(shape) + log(shape) / shape + 0.5 * (log_gamma(3.0 / shape) - log_gamma(1.0 / shape))
    return shape, exp(spread)


def classes_of(values: Floats, weights: Floats, number: int) -> NDArray[np.int64]:
    """Return the class of each value when as many firms are in each of ``number`` classes, from the smallest on."""
    order = np.argsort(values, kind="stable")
    before = np.cumsum(weights[order]) - 0.5 * weights[order]
    out = np.empty(values.size, dtype=np.int64)
    out[order] = np.minimum((before / weights.sum() * number).astype(np.int64), number - 1)
    return out


def spread_of_size(growth: Floats, size: Floats, weights: Floats) -> float:
    """Return by which power of size the spread of growth falls: minus the slope of log spread on log size.

    Firms are put in ``SIZES`` classes; the spread of each is the mean distance from its median, and classes weigh the
    same (least squares).
    """
    group = classes_of(size, weights, SIZES)
    points = []
    for number in range(SIZES):
        own = group == number
        if own.sum() >= LEAST_IN_CLASS:
            heavy, moved = weights[own], growth[own]
            away = np.abs(moved - weighted_median(moved, heavy))
            firms = float(heavy.sum())
            points.append((float((logs(size[own]) * heavy).sum()) / firms, float((away * heavy).sum()) / firms))
    if len(points) < 3:
        return math.nan
    x = np.array([point[0] for point in points])
    y = np.array([log(point[1]) for point in points])
    x = x - x.mean()
    return -float((x * (y - y.mean())).sum() / (x * x).sum())


@dataclass(frozen=True)
class Lives:
    """Firms of a panel as spells.

    Attributes
    ----------
    since, until
        Months of the window each was in business: from the first month it was seen in to the month after the last.
    age
        In months at ``until``.
    closed, founded
        Whether it closed in the window, whether it began in it.
    weight
        Firms it stands for.
    """

    since: Floats
    until: Floats
    age: Floats
    closed: NDArray[np.bool_]
    founded: NDArray[np.bool_]
    weight: Floats

    @property
    def months(self) -> float:
        """Months firms were in business, all together."""
        return float(((self.until - self.since) * self.weight).sum())

    def hazard(self, first: float, after: float) -> float:
        """Return the hazard a year of closing from one age to another, in years: closings over years at risk.

        Not a number when nobody was at risk.
        """
        begin = self.age - (self.until - self.since)
        inside = np.minimum(self.age, MONTHS * after) - np.maximum(begin, MONTHS * first)
        at_risk = float((np.maximum(inside, 0.0) * self.weight).sum()) / MONTHS
        here = self.closed & (self.age > MONTHS * first) & (self.age <= MONTHS * after)
        return float(self.weight[here].sum()) / at_risk if at_risk > 0.0 else math.nan


def lives(panel: Panel, first_month: int) -> Lives:
    """Return the spells of all firms of a panel from a month on."""
    last = int(panel["year"].max()) * MONTHS + MONTHS
    gone = panel["exit_month"] > 0
    end = panel[gone | (panel["year"] == panel["year"].max())]
    closed = end["exit_month"] > 0
    until = np.where(closed, end["exit_month"] + 1.0, float(last))
    founded = end["entry_month"] >= first_month
    since = np.where(founded, end["entry_month"], first_month).astype(np.float64)
    age = np.rint(end["age"].astype(np.float64) * MONTHS)
    return Lives(since, until, age, closed, founded, end["firms"].astype(np.float64))


@dataclass(frozen=True)
class Steps:
    """Makers in business at the end of two years running, each pair of years one entry.

    ``growth`` is the change of log revenue less the median of its pair of years; ``size`` revenue and ``age`` years at
    the beginning; ``spike`` spending on equipment of the year over equipment before it; ``spending`` yuan of all its
    firms.
    """

    growth: Floats
    size: Floats
    age: Floats
    weight: Floats
    spike: Floats
    spending: Floats
    grown: NDArray[np.bool_]


def steps(panel: Panel, equipment_price: float) -> Steps:
    """Return the yearly steps of makers; ``equipment_price`` is yuan for a base-year yuan of equipment."""
    here = panel[(panel["tier"] == MAKER) & (panel["exit_month"] == 0)]
    found = []
    for year in range(int(panel["year"].min()), int(panel["year"].max())):
        before, after = (table[np.argsort(table["slot"], kind="stable")] for table in
                         (here[here["year"] == year], here[here["year"] == year + 1]))  # fmt: skip
        _, left, right = np.intersect1d(before["slot"], after["slot"], assume_unique=True, return_indices=True)
        before, after = before[left], after[right]
        weight = before["firms"].astype(np.float64)
        grown = (before["age"] >= ESTABLISHED) & (before["output"] > 0.0) & (after["output"] > 0.0)
        growth = logs(np.maximum(after["output"], 1.0) / np.maximum(before["output"], 1.0))
        if grown.any():
            growth = growth - weighted_median(growth[grown], weight[grown])
        worth = np.maximum(before["capital"] * equipment_price, 1.0)
        found.append(
            (growth, before["output"], before["age"].astype(np.float64), weight, after["spending"] / worth,
             after["spending"] * weight, grown)
        )  # fmt: skip
    return Steps(*(np.concatenate(column) for column in zip(*found, strict=True)))


# --- facts ---------------------------------------------------------------------------------------------------------

MEASURED: Final = (
    *(f"hazard_{name}" for name, _, _ in AGES),
    "exit_rate", "entry_rate", "share_young", "share_middle", "share_old",
    "growth_shape", "growth_spread", "spread_falls_with_size", "spread_young_over_old",
    "growth_smallest_less_largest", "growth_young_less_old",
    "spikes", "spike_investment", "tail_index", "gini_a_year", "top_ten_a_year", "profit_margin", "loss_makers",
    "domestic_links", "foreign_links",
)  # fmt: skip
"""What is measured and published, in order."""
BY_QUARTER: Final = tuple(f"growth_quarter_{number}" for number in range(1, QUARTERS + 1))
BY_AGE: Final = ("growth_young", "growth_middle", "growth_old")
DESCRIBED: Final = (*MEASURED, *BY_QUARTER, *BY_AGE)
"""Everything a row holds: mean growth by size, smallest quarter first, and by age are described only."""


def measured(
    panel: Panel, first_month: int, equipment_price: float, links: Sequence[float], stock: Stock
) -> dict[str, float]:
    """Return everything of ``DESCRIBED`` as a panel shows it, not a number where it shows nothing.

    Parameters
    ----------
    panel
        Of complete years; those before the first December only say who was there.
    first_month
        First month of the panel.
    equipment_price
        Yuan for a base-year yuan of equipment, the same in all months.
    links
        Shares of links at home and abroad that last a year.
    stock
        The stock whose age structure was published.
    """
    all_firms = lives(panel, first_month)
    firm_years = all_firms.months / MONTHS
    found = {f"hazard_{name}": all_firms.hazard(first, after) for name, first, after in AGES}
    found["exit_rate"] = float(all_firms.weight[all_firms.closed].sum()) / firm_years
    found["entry_rate"] = float(all_firms.weight[all_firms.founded].sum()) / firm_years
    found |= _ages(panel[panel["exit_month"] == 0], stock)
    found |= _growth(steps(panel, equipment_price))
    found |= _accounts(panel[(panel["tier"] == MAKER) & (panel["exit_month"] == 0)])
    found["domestic_links"], found["foreign_links"] = links
    return {name: found[name] for name in DESCRIBED}


def _ages(ends: Panel, stock: Stock) -> dict[str, float]:
    """Return the age structure that the firms in business at the ends of years would have in a stock as it was counted.

    In a constant world as many firms are founded as close. Of a stock whose foundings grew at ``g`` a year there are
    exp(-g a) times as many of age ``a``, and none from before firms were registered in numbers.
    """
    age = ends["age"].astype(np.float64)
    weight = np.where(age <= stock.oldest, ends["firms"] * exps(-stock.growth * age), 0.0)
    bounds = (("share_young", -1.0, YOUNG), ("share_middle", YOUNG, OLD), ("share_old", OLD, math.inf))
    parts = {name: float(weight[(age > low) & (age <= high)].sum()) for name, low, high in bounds}
    return {name: part / float(weight.sum()) for name, part in parts.items()}


def _growth(taken: Steps) -> dict[str, float]:
    """Return shape and spread of growth, how they change with size and age, and investment spikes."""
    kept = taken.grown
    growth, size, age, weight = taken.growth[kept], taken.size[kept], taken.age[kept], taken.weight[kept]
    shape, spread = subbotin(growth, weight) if growth.size else (math.nan, math.nan)
    quarter = classes_of(size, weight, QUARTERS)

    def mean(rows: NDArray[np.bool_]) -> float:
        return float((growth[rows] * weight[rows]).sum() / weight[rows].sum()) if rows.any() else math.nan

    def distance(rows: NDArray[np.bool_]) -> float:
        own = growth[rows]
        return float((np.abs(own) * weight[rows]).sum() / weight[rows].sum()) if own.size else math.nan

    by_quarter = [mean(quarter == number) for number in range(QUARTERS)]
    by_age = [mean(rows) for rows in (age <= YOUNG, (age > YOUNG) & (age <= OLD), age > OLD)]
    spike = taken.spike > SPIKE
    spending = float(taken.spending.sum())
    return {
        "growth_shape": shape,
        "growth_spread": spread,
        "spread_falls_with_size": spread_of_size(growth, size, weight),
        "spread_young_over_old": distance(age <= YOUNG) / distance(age > OLD),
        "growth_smallest_less_largest": by_quarter[0] - by_quarter[-1],
        "growth_young_less_old": by_age[0] - by_age[-1],
        "spikes": float(taken.weight[spike].sum() / taken.weight.sum()),
        "spike_investment": float(taken.spending[spike].sum()) / spending if spending > 0.0 else math.nan,
        **dict(zip(BY_QUARTER, by_quarter, strict=True)),
        **dict(zip(BY_AGE, by_age, strict=True)),
    }


def _accounts(makers: Panel) -> dict[str, float]:
    """Return the tail of size, margin and loss makers, means over the ends of years, and how concentration moves."""
    rows, sizes = [], []
    years = np.unique(makers["year"])
    for year in years:
        own = makers[makers["year"] == year]
        weight = own["firms"].astype(np.float64)
        older = own["age"] >= ESTABLISHED
        output = np.maximum(own["output"], 0.0)
        sizes.append((gini(output, weight), top_share(output, weight, 10.0)))
        rows.append(
            (
                hill_index(output, weight, min(max(TAIL, LEAST_TAIL / weight.sum()), 1.0)),
                float((own["profit"] * weight).sum() / (own["output"] * weight).sum()),
                float(weight[older & (own["profit"] < 0.0)].sum() / weight[older].sum()),
            )
        )
    means = np.mean(rows, axis=0).tolist()
    moved = (np.subtract(sizes[-1], sizes[0]) / max(float(years[-1] - years[0]), 1.0)).tolist()
    names = ("tail_index", "profit_margin", "loss_makers", "gini_a_year", "top_ten_a_year")
    return dict(zip(names, means + moved, strict=True))
