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
from sim.scenario.place_ratios import Ratio, library_facts, over_output, ratio
from sim.scenario.places import read_place
from sim.scenario.scenario_files import known_inputs
from sim.scenario.synthetic import mean_above_scale
from sim.units import format_money
from sim.workspace import library_root

Words = tuple[str, str]
"""The same in English and Chinese."""

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
    named = {
        "employment_reported": ("employment", "a worker", "人均"),
        "businesses": ("businesses", "a business", "户均"),
    }
    for name, (variable, english, chinese) in named.items():
        if name in known:
            found = ratio(variable, industry)
            en, zh = _listed(found)
            why = (
                f"no output is given; reported output {english} of other clusters: {en}",
                f"没有产值数；其他集群公布的{chinese}产值：{zh}",
            )
            count = known[name]
            return Guess(count * found.value, count * found.low, count * found.high, why, found.facts)
    why = ("an example to start from, of no county: write your own", "仅为示例，并非任何一个县的数，请改为本县数据")
    return Guess(*EXAMPLE_OUTPUT, why)


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


def _by_ratio(cluster: Cluster, variable: str, english: str, chinese: str) -> Guess:
    """Scale a count from output by what other clusters report for each counted."""
    found = ratio(variable, cluster.industry)
    en, zh = _listed(found)
    total = cluster.known.get("operating_revenue", cluster.output)
    why = (f"{english}: {en}", f"{chinese}：{zh}")
    return Guess(total / found.value, total / found.high, total / found.low, why, found.facts)


def above_scale_firms(cluster: Cluster) -> Guess:
    """Scale above-scale firms from output by the size law: they make more of it where makers are larger."""
    from sim.rules.elementary import log  # here, since checking a file needs no compiler

    mean = mean_above_scale(cluster.known["size_tail_index"], load_parameters())
    average = cluster.output / cluster.makers
    share = min(max(0.32 + 0.23 * log(average / 2.3e6), 0.15), 0.8)
    count, most = share * cluster.output / mean, 0.9 * cluster.makers
    why = (
        (
            f"no count is given; under the size law one averages {mean / 1e6:.0f} million yuan, and makers of "
            f"{average / 1e6:.2g} million yuan on average leave them {share:.0%} of output, as in other places"
        ),
        (
            f"没有规上企业数；按规模分布规上企业平均{mean / 1e4:.0f}万元；户均{average / 1e4:.0f}万元时设其占产值"
            f"{share:.0%}，与其他地方的设定一致"
        ),
    )
    return Guess(min(count, most), min(count / 2, most), min(count * 1.6, most), why)


def exports(cluster: Cluster) -> Guess:
    """Take exports as part of imports and exports when those are reported, else as a share of output."""
    if cluster.trade is not None:
        trade = cluster.trade
        why = (
            "exports alone are not given: the larger part of imports plus exports",
            "只有进出口总额，设出口占其大部分",
        )
        return Guess(0.8 * trade, 0.4 * trade, trade, why)
    months, growth, total = (
        find_fact(name, library_facts())
        for name in ("yn-exports-2024-8m", "yn-exports-growth-2024-8m", "yn-output-2023")
    )
    yearly = months.value_plain * MONTHS / months_from_january(months) / (1 + growth.value_plain)
    share = yearly / total.value_plain
    why = (
        f"no figure is given; {share:.1%} of output, as reported for {LIKE}",
        f"没有出口数；按产值的{share:.1%}设定，与永年公布数相同",
    )
    low, high = 0.005 * cluster.output, 0.1 * cluster.output
    return Guess(share * cluster.output, low, high, why, (months.id, growth.id, total.id))


def export_destinations(cluster: Cluster) -> Guess:
    """Scale countries with the square root of exports."""
    sold = cluster.known["exports"]
    item = find_fact("yn-export-countries-2023", library_facts())
    count = item.value_plain * math.sqrt(sold / 1.486e9)
    why = (
        f"no count is given; {item.value:g} at 1.49 billion yuan of exports in {LIKE}, with the square root of exports",
        f"没有国家数；永年出口14.9亿元对应{item.value:g}个，按出口额平方根折算",
    )
    return Guess(count, count / 2, min(2 * count, 200.0), why, (item.id,))


def national_market_share(cluster: Cluster) -> Guess:
    """Take the share of the market that a known place of the same industry has, else a small share."""
    abroad = cluster.known.get("global_market_share")
    if abroad is not None:
        why = (
            "no national share is given: twice the share of the world, as for Yongnian",
            "没有全国占有率；按全球份额的两倍设定，与永年相近",
        )
        return Guess(min(2 * abroad, 0.95), abroad, min(4 * abroad, 1.0), why)
    market = domestic_market(cluster.industry)
    if market is not None:
        place, output, share = market
        value = min(cluster.output / (output / share), 0.9)
        why = (
            (
                f"no share is given; against a national market of {format_money(output / share, 'en', digits=2)}, "
                f"as {place} has it"
            ),
            f"没有占有率；按 {place} 所示全国市场{format_money(output / share, 'zh', digits=2)}折算",
        )
        return Guess(value, value / 3, min(2 * value, 0.95), why)
    why = (
        "no share is given, and no place of the industry has one to go by: a small part of the market",
        "没有占有率，也没有同产业地方可参照，设为较小份额",
    )
    return Guess(0.05, 0.01, 0.2, why)


def global_market_share(cluster: Cluster) -> Guess:
    """Scale the share of the world market from the national one."""
    world, nation = (find_fact(f"yn-share-{each}-2023", library_facts()) for each in ("global", "national"))
    part = world.value_plain / nation.value_plain
    value = cluster.known["national_market_share"]
    why = (
        f"no share is given; {part:.2f} of the national share, as reported for {LIKE}",
        f"没有占有率；按全国份额的{part:.2f}倍设定，与永年公布数相同",
    )
    return Guess(part * value, 0.2 * value, 0.8 * value, why, (world.id, nation.id))


def domestic_buyers(cluster: Cluster) -> Guess:
    """Scale buyers at home from sales at home."""
    sold = max(cluster.output - cluster.known["exports"], 0.0)
    why = (
        f"no count is published; 2.5 million yuan a year from the cluster each (1 to 9), at least {FEWEST_BUYERS}",
        f"没有公布数；设每家每年从本集群采购约250万元（其他地方为100万至900万元），不少于{FEWEST_BUYERS}家",
    )
    return _buyers(sold, DOMESTIC_PURCHASE, FEWEST_BUYERS, why)


def foreign_buyers(cluster: Cluster) -> Guess:
    """Scale buyers abroad from exports, most of whom do not know the cluster."""
    sold = cluster.known["exports"]
    why = (
        f"no count is published; one for each 0.5 million yuan of exports, as {LIKE} assumes; most do not know it yet",
        "没有公布数；按每50万元出口一家设定，与永年的设定相同，多数尚不了解本集群",
    )
    return _buyers(sold, FOREIGN_PURCHASE, FEWEST_BUYERS / 2 if sold > 0 else 0.0, why)


def _buyers(sold: float, purchase: tuple[float, float, float], least: float, why: Words) -> Guess:
    middle, low, high = purchase
    value, fewest, most = (max(sold / each, float(least)) for each in (middle, high, low))
    return Guess(value, fewest, most, why)


def wage(cluster: Cluster) -> Guess:
    """Take the yearly wage from the published wage of private units in the province or the country."""
    name, english, chinese, part, low, high = WAGES.get(cluster.province, WAGES[""])
    known = load_series()
    series, nation = find_series(name, known), find_series(WAGES[""][0], known)
    at, published = _nearest(series, cluster.year)
    value = published * _nearest(nation, cluster.year)[1] / _nearest(nation, at)[1]
    why = (
        (
            f"no figure is given; {part:.0%} of what private units of {english} averaged "
            f"({value:,.0f} yuan for {cluster.year}, series {name} of {at})"
        ),
        (
            f"没有数据；按{chinese}私营单位平均工资的{part:.0%}设定"
            f"（{cluster.year}年约{value:.0f}元，据序列 {name} {at}年数）"
        ),
    )
    return Guess(part * value, low * value, high * value, why)


def _nearest(series: Series, year: int) -> tuple[int, float]:
    """Return the year nearest to one for which a series has a number, and the number."""
    found = [(at, item.value) for at in range(year - 20, year + 20) if (item := series.year(at)) is not None]
    return min(found, key=lambda pair: abs(pair[0] - year))


def county_balance(cluster: Cluster) -> Guess:
    """Scale the opening balance of the programme account from output."""
    why = (
        f"programme money of the county is not published; {BALANCE[0]:.2%} of output, as other places assume",
        f"县级项目资金没有公布；按产值的{BALANCE[0]:.2%}设定，与其他地方相同",
    )
    value, low, high = (share * cluster.output for share in BALANCE)
    return Guess(value, low, high, why)


SHARES: dict[str, tuple[float, float, float]] = {
    "maker_share": (0.60, 0.50, 0.70),
    "supplier_share": (0.20, 0.10, 0.30),
    "trader_share": (0.20, 0.10, 0.30),
}
NO_KINDS: Words = ("no count by kind of business is published", "没有分类户数公布")
TAIL = Guess(1.2, 1.0, 1.4, ("Chinese industrial firms 1.0 to 1.5 (literature B1)", "我国工业企业为1.0至1.5（文献B1）"))
SCALED: dict[str, Callable[[Cluster], Guess]] = {
    "businesses": lambda cluster: _by_ratio(
        cluster, "businesses", "no count is given; reported output a business", "没有户数；已公布的户均产值"
    ),
    "above_scale_firms": above_scale_firms,
    "exports": exports,
    "national_market_share": national_market_share,
    "global_market_share": global_market_share,
    "export_destinations": export_destinations,
    "domestic_buyers": domestic_buyers,
    "foreign_buyers": foreign_buyers,
    "employment_reported": lambda cluster: _by_ratio(
        cluster, "employment", "no head count is given; reported output a worker", "没有从业人数；已公布的人均产值"
    ),
    "wage": wage,
    "county_balance": county_balance,
}
"""How each starting value is scaled, in an order in which what is needed is there."""
