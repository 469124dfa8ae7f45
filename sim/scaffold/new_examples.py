"""Policies to start from, of a size that fits the cluster: for baselines as comments, for new scenarios as they are."""

from __future__ import annotations

from dataclasses import dataclass

from sim.scaffold.new_start import Start, rounded, written
from sim.scaffold.words import templates
from sim.scenario.place_start import PlaceStart
from sim.units import centre, month_text


@dataclass(frozen=True)
class Sizes:
    """What the amounts of an example are scaled by: yuan of output, numbers of firms and buyers."""

    output: float
    makers: float
    above_scale: float
    domestic_buyers: float
    foreign_buyers: float


def sizes_of(start: Start) -> Sizes:
    """Return the sizes of a place that is being written."""
    makers = start.value("businesses") * start.value("maker_share")
    names = ("above_scale_firms", "domestic_buyers", "foreign_buyers")
    return Sizes(start.output, makers, *(start.value(name) for name in names))


def sizes_of_place(start: PlaceStart) -> Sizes:
    """Return the sizes of a place as it was loaded; a range counts with its middle."""
    makers = centre(start.businesses) * centre(start.maker_share)
    counts = (start.above_scale_firms, start.domestic_buyers, start.foreign_buyers)
    return Sizes(centre(start.headline_total), makers, *(centre(value) for value in counts))


def money(yuan: float, lang: str) -> str:
    """Return a rounded amount as TOML."""
    return written(rounded(yuan, "yuan", 1), "yuan", lang)


def count(number: float, least: int) -> int:
    """Return a rounded whole number, not below the least that makes sense."""
    return max(round(rounded(number, "count", 2)), least)


def example_policies(sizes: Sizes, first: int, lang: str) -> dict[str, str]:
    """Return one example of each of several policy types as TOML, by type; they begin in month ``first``.

    A fund for equipment of a fifth of a percent of output a year, a yearly fair that the larger makers can exhibit at,
    a park with room for one in thirty makers, and stands at fairs abroad for a few firms.
    """
    budget, plots = 0.002 * sizes.output, count(sizes.makers / 30, 10)
    organising = written(rounded(max(0.0002 * sizes.output, 300_000.0), "yuan", 1), "yuan/year", lang)
    values = {
        "start": month_text(first),
        "opens": month_text(first + 12),
        "organising": organising,
        "plots": plots,
        "booths": count(1.5 * sizes.above_scale, 20),
        "buyers": count(sizes.domestic_buyers / 4, 20),
        "buyers_abroad": count(sizes.foreign_buyers / 20, 0),
        "countries": count(sizes.foreign_buyers / 100, 1),
        "firms": count(sizes.above_scale / 5, 5),
    }
    amounts = {"budget": budget, "cap": budget / 10, "smallest": 500_000, "fee": 6000, "build": 1_500_000 * plots}
    values |= {name: money(yuan, lang) for name, yuan in amounts.items()} | templates()["example_words"][lang]
    return {kind: text.format(**values) for kind, text in templates()["example"].items()}


def as_comment(text: str) -> str:
    """Return text with every line after a comment sign."""
    return "".join(f"# {line}".rstrip() + "\n" for line in text.splitlines())
