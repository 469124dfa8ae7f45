"""What makes a place impossible to simulate, or worth a second look, although its file is right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.scenario.new_scaling import Ratio, Words, ratio, trading_ratio
from sim.units import Uncertain, format_money

if TYPE_CHECKING:
    from sim.scenario.place_start import PlaceStart
    from sim.scenario.places import Origin
    from sim.scenario.resolved import Place

FEW = 30
"""Businesses or buyers below which luck with a few decides a run."""


@dataclass(frozen=True)
class Doubt:
    """One thing to look at, in English and Chinese; ``wrong`` when the model cannot start from it."""

    key: str
    words: Words
    wrong: bool = False


def middle(value: float | Uncertain) -> float:
    """Return a number, or the middle of a range."""
    return value.centre if isinstance(value, Uncertain) else value


def doubts(place: Place, origins: tuple[Origin, ...]) -> tuple[Doubt, ...]:
    """Return everything that stands against a place's numbers, impossible things first."""
    start: PlaceStart = place.start
    number = {item.name: middle(getattr(start, item.name)) for item in origins}
    revenue = start.operating_revenue is not None
    output = middle(start.headline_total) / (trading_ratio(place.industry) if revenue else 1.0)
    found = [*_markets(number, output), *_sizes(number, start, output), *_ratios(number, start, place.industry)]
    if not any(item.kind != "assumed" for item in origins):
        found.append(
            Doubt(
                "start",
                ("no figure of the county is behind any number: its own figures go into a CSV (docs/own-county.md)",
                 "没有任何数据来自本县公布数：请把本县数据写入CSV（见 docs/own-county.md）"),
            )
        )  # fmt: skip
    return tuple(sorted(found, key=lambda item: not item.wrong))


def _markets(number: dict[str, float], output: float) -> list[Doubt]:
    found = []
    sold, nation, world = number["exports"], number["national_market_share"], number["global_market_share"]
    if sold >= output:
        amounts = [(format_money(sold, lang), format_money(output, lang)) for lang in ("en", "zh")]
        words = (
            f"exports of {amounts[0][0]} are not less than the makers' output of {amounts[0][1]}",
            f"出口额{amounts[1][0]}不低于生产企业产值{amounts[1][1]}",
        )
        found.append(Doubt("exports", words, wrong=True))
    elif output / world - output / nation + sold <= 0:
        words = (
            f"{world:.1%} of the world and {nation:.1%} of the nation leave no market abroad",
            f"全球份额{world:.1%}与全国份额{nation:.1%}矛盾，国外市场为负",
        )
        found.append(Doubt("global_market_share", words, wrong=True))
    if nation > 0.95:
        words = (
            f"{nation:.1%} of the national market leaves producers elsewhere nothing to sell",
            f"全国份额{nation:.1%}过高，外地几无同业",
        )
        found.append(Doubt("national_market_share", words))
    if sold > 0 and number["foreign_buyers"] < 1:
        found.append(
            Doubt("foreign_buyers", ("there are exports and nobody who buys them", "有出口而无国外采购商"), True)
        )
    return found


def _sizes(number: dict[str, float], start: PlaceStart, output: float) -> list[Doubt]:
    found = []
    makers = number["businesses"] * number["maker_share"]
    above, lead = number["above_scale_firms"], middle(start.lead_firms)
    if above > makers:
        words = (
            f"{above:,.0f} above-scale firms are more than the {makers:,.0f} makers",
            f"规上企业{above:.0f}家，多于生产企业{makers:.0f}家",
        )
        found.append(Doubt("above_scale_firms", words, wrong=True))
    elif above < makers:
        rest = (1 - middle(start.lead_share)) * output / (makers - min(lead, makers - 1))
        if rest > 20e6 and above < 0.5 * makers:
            words = (
                f"makers average {format_money(rest, 'en')}, yet most are below scale: is a lead firm left out?",
                f"生产企业户均{format_money(rest, 'zh')}，规上却不足一半：是否漏写龙头企业？",
            )
            found.append(Doubt("above_scale_firms", words))
    for key, what in (
        ("businesses", ("businesses", "经营主体")),
        ("domestic_buyers", ("buyers at home", "国内采购商")),
    ):
        if number[key] < FEW:
            words = (
                f"with {number[key]:,.0f} {what[0]} luck with a few decides a run: read wide bands with care",
                f"{what[1]}仅{number[key]:.0f}个，推演结果受个别主体影响大，区间较宽",
            )
            found.append(Doubt(key, words))
    return found


def _ratios(number: dict[str, float], start: PlaceStart, industry: str) -> list[Doubt]:
    total = middle(start.headline_total)
    found = []
    for key, variable, what in (
        ("businesses", "businesses", ("a business", "户均产值")),
        ("employment_reported", "employment", ("a worker", "人均产值")),
    ):
        known: Ratio = ratio(variable, industry)
        each = total / number[key]
        if not known.low / 3 <= each <= known.high * 3:
            english, chinese = (
                [format_money(value, lang, digits=2) for value in (each, known.low, known.high)]
                for lang in ("en", "zh")
            )
            words = (
                f"{english[0]} of output {what[0]}, elsewhere {english[1]} to {english[2]}: is the unit right?",
                f"{what[1]}{chinese[0]}；已公布的集群为{chinese[1]}至{chinese[2]}，请核对单位",
            )
            found.append(Doubt(key, words))
    return found
