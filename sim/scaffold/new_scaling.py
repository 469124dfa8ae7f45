"""Starting values nobody reported: ranges scaled from the cluster's output, each with the reason for its range.

Ratios between figures (output for each business, for each worker, exports in output) are taken from the clusters in the
library's evidence; everything else is an assumption like those of the shipped places, and says so.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sim.evidence import Series, find_fact, find_series, load_series
from sim.parameters import load_parameters
from sim.scaffold.new_figures import MONTHS, months_from_january
from sim.scaffold.words import Words, why
from sim.scenario.place_ratios import Ratio, library_facts, over_output, ratio
from sim.scenario.places import read_place
from sim.scenario.scenario_files import known_inputs
from sim.scenario.synthetic import mean_above_scale
from sim.units import format_money
from sim.workspace import library_root

LIKE = "yongnian"
"""The shipped place with most reported figures."""

EXAMPLE_OUTPUT = (2e9, 1e9, 4e9)
DOMESTIC_PURCHASE = (2.5e6, 1e6, 9e6)
FOREIGN_PURCHASE = (0.5e6, 0.2e6, 1.5e6)
"""Yuan a buyer spends on the cluster's goods in a year: value and range, as the shipped places assume (at home 1 to 9
million). With few and large buyers many small makers have none, and idle from the start."""

BALANCE = (0.0075, 0.0025, 0.015)
FEWEST_BUYERS = 60
WAGES = {"13": ("wage_private_all_hebei", "Hebei", "河北", 0.94, 0.82, 1.05),
         "14": ("wage_private_all_shanxi", "Shanxi", "山西", 0.94, 0.8, 1.1),
         "": ("wage_private_all_national", "the country", "全国", 0.75, 0.6, 0.95)}  # fmt: skip
"""Published wage of private units by province (first two digits of the code), and the part of it that is assumed."""


@dataclass(frozen=True)
class Guess:
    """An assumed starting value: the middle, the range it may lie in, why, and the figures the range comes from."""

    value: float
    low: float
    high: float
    why: Words
    facts: tuple[str, ...] = ()


def _listed(found: Ratio) -> Words:
    english, chinese = (
        separator.join(f"{place} {format_money(value, lang, digits=2)}" for place, value in found.by_place.items())
        for lang, separator in (("en", ", "), ("zh", "、"))
    )
    return english, chinese


def size_from(known: Mapping[str, float], industry: str) -> Guess:
    """Return a cluster's yearly output when none is reported: from its workers or businesses, else an example."""
    for name, variable in (("employment_reported", "employment"), ("businesses", "businesses")):
        if name in known:
            found, count = ratio(variable, industry), known[name]
            reason = why(f"output_by_{variable}", others=_listed(found))
            return Guess(count * found.value, count * found.low, count * found.high, reason, found.facts)
    return Guess(*EXAMPLE_OUTPUT, why("output_example"))


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
    """What is known when the rest is scaled: values by name, makers' output in yuan, and where the place is."""

    known: Mapping[str, float]
    output: float
    industry: str
    province: str
    year: int
    trade: float | None = None

    @property
    def makers(self) -> float:
        """Number of makers."""
        return self.known["businesses"] * self.known["maker_share"]


def _by_ratio(cluster: Cluster, variable: str) -> Guess:
    """Scale a count from output by what other clusters report for each counted."""
    found = ratio(variable, cluster.industry)
    total = cluster.known.get("operating_revenue", cluster.output)
    reason = why(f"count_of_{variable}", others=_listed(found))
    return Guess(total / found.value, total / found.high, total / found.low, reason, found.facts)


def above_scale_firms(cluster: Cluster) -> Guess:
    """Scale above-scale firms from output by the size law: they make more of it where makers are larger."""
    from sim.rules.elementary import log  # here, since checking a file needs no compiler

    mean = mean_above_scale(cluster.known["size_tail_index"], load_parameters())
    average = cluster.output / cluster.makers
    share = min(max(0.32 + 0.23 * log(average / 2.3e6), 0.15), 0.8)
    count, most = share * cluster.output / mean, 0.9 * cluster.makers
    amounts = {"mean": (mean / 1e6, mean / 1e4), "average": (average / 1e6, average / 1e4)}
    reason = why("above_scale_firms", share=share, **amounts)
    return Guess(min(count, most), min(count / 2, most), min(count * 1.6, most), reason)


def exports(cluster: Cluster) -> Guess:
    """Take exports as part of imports and exports when those are reported, else as a share of output."""
    if cluster.trade is not None:
        return Guess(0.8 * cluster.trade, 0.4 * cluster.trade, cluster.trade, why("exports_of_trade"))
    months, growth, total = (
        find_fact(name, library_facts())
        for name in ("yn-exports-2024-8m", "yn-exports-growth-2024-8m", "yn-output-2023")
    )
    yearly = months.value_plain * MONTHS / months_from_january(months) / (1 + growth.value_plain)
    share = yearly / total.value_plain
    low, high = 0.005 * cluster.output, 0.1 * cluster.output
    reason = why("exports", share=share, like=LIKE)
    return Guess(share * cluster.output, low, high, reason, (months.id, growth.id, total.id))


def export_destinations(cluster: Cluster) -> Guess:
    """Scale countries with the square root of exports."""
    item = find_fact("yn-export-countries-2023", library_facts())
    count = item.value_plain * math.sqrt(cluster.known["exports"] / 1.486e9)
    reason = why("export_destinations", value=item.value, like=LIKE)
    return Guess(count, count / 2, min(2 * count, 200.0), reason, (item.id,))


def national_market_share(cluster: Cluster) -> Guess:
    """Take the share of the market that a known place of the same industry has, else a small share."""
    abroad = cluster.known.get("global_market_share")
    if abroad is not None:
        return Guess(min(2 * abroad, 0.95), abroad, min(4 * abroad, 1.0), why("national_share_by_world"))
    market = domestic_market(cluster.industry)
    if market is None:
        return Guess(0.05, 0.01, 0.2, why("national_share_unknown"))
    place, output, share = market
    value = min(cluster.output / (output / share), 0.9)
    size = tuple(format_money(output / share, lang, digits=2) for lang in ("en", "zh"))
    return Guess(value, value / 3, min(2 * value, 0.95), why("national_share_by_market", place=place, market=size))


def global_market_share(cluster: Cluster) -> Guess:
    """Scale the share of the world market from the national one."""
    world, nation = (find_fact(f"yn-share-{each}-2023", library_facts()) for each in ("global", "national"))
    part = world.value_plain / nation.value_plain
    value = cluster.known["national_market_share"]
    reason = why("global_share", part=part, like=LIKE)
    return Guess(part * value, 0.2 * value, 0.8 * value, reason, (world.id, nation.id))


def _buyers(sold: float, purchase: tuple[float, float, float], least: float, reason: Words) -> Guess:
    """Scale buyers from sales."""
    middle, low, high = purchase
    value, fewest, most = (max(sold / each, float(least)) for each in (middle, high, low))
    return Guess(value, fewest, most, reason)


def domestic_buyers(cluster: Cluster) -> Guess:
    """Scale buyers at home from sales at home."""
    sold = max(cluster.output - cluster.known["exports"], 0.0)
    return _buyers(sold, DOMESTIC_PURCHASE, FEWEST_BUYERS, why("domestic_buyers", fewest=FEWEST_BUYERS))


def foreign_buyers(cluster: Cluster) -> Guess:
    """Scale buyers abroad from exports, most of whom do not know the cluster."""
    sold = cluster.known["exports"]
    return _buyers(sold, FOREIGN_PURCHASE, FEWEST_BUYERS / 2 if sold > 0 else 0.0, why("foreign_buyers", like=LIKE))


def wage(cluster: Cluster) -> Guess:
    """Take the yearly wage from the published wage of private units in the province or the country."""
    name, english, chinese, part, low, high = WAGES.get(cluster.province, WAGES[""])
    known = load_series()
    series, nation = find_series(name, known), find_series(WAGES[""][0], known)
    at, published = _nearest(series, cluster.year)
    value = published * _nearest(nation, cluster.year)[1] / _nearest(nation, at)[1]
    where = (english, chinese)
    reason = why("wage", part=part, where=where, value=value, year=cluster.year, series=name, at=at)
    return Guess(part * value, low * value, high * value, reason)


def _nearest(series: Series, year: int) -> tuple[int, float]:
    """Return the year nearest to one for which a series has a number, and the number."""
    found = [(at, item.value) for at in range(year - 20, year + 20) if (item := series.year(at)) is not None]
    return min(found, key=lambda pair: abs(pair[0] - year))


def county_balance(cluster: Cluster) -> Guess:
    """Scale the opening balance of the programme account from output."""
    value, low, high = (share * cluster.output for share in BALANCE)
    return Guess(value, low, high, why("county_balance", share=BALANCE[0]))


SHARES: dict[str, tuple[float, float, float]] = {
    "maker_share": (0.60, 0.50, 0.70),
    "supplier_share": (0.20, 0.10, 0.30),
    "trader_share": (0.20, 0.10, 0.30),
}
NO_KINDS: Words = why("no_kinds")
TAIL = Guess(1.2, 1.0, 1.4, why("tail"))
SCALED: dict[str, Callable[[Cluster], Guess]] = {
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
