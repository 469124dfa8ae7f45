"""Policies to start from, of a size that fits the cluster: for baselines as comments, for new scenarios as they are."""

from __future__ import annotations

from dataclasses import dataclass

from sim.scaffold.new_start import Start, rounded, written
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
    """Return one example of each of several policy types as TOML, by type; they begin in month ``first``."""
    return {
        "fund": fund(sizes, first, lang),
        "fair": fair(sizes, first, lang),
        "park": park(sizes, first, lang),
        "exhibition": exhibition(sizes, first, lang),
    }


def _head(identifier: str, kind: str, name: str, name_zh: str, first: int) -> str:
    return f"""\
[[policy]]
id      = "{identifier}"
type    = "{kind}"
name    = "{name}"
name_zh = "{name_zh}"
start   = "{month_text(first)}"
source  = "hypothetical"
payer   = "county"
"""


def fund(sizes: Sizes, first: int, lang: str) -> str:
    """Return a fund for equipment of a fifth of a percent of output a year."""
    budget = 0.002 * sizes.output
    words = {
        "en": ("money that can be awarded in a calendar year", "of eligible spending", "own money, not bank loan",
               "left out: any"),
        "zh": ("每年可安排的资金", "补助占合格支出的比例", "企业自有资金，不含贷款", "不写即不限"),
    }[lang]  # fmt: skip
    return f"""\
{_head("equipment-fund", "fund", "Equipment fund", "技改专项资金", first)}\
annual_budget = {money(budget, lang)}   # {words[0]}
pays_for      = "equipment"             # equipment | rnd | digital | loan_interest
grant_share   = "15%"                   # {words[1]}
cap_per_firm  = {money(budget / 10, lang)}
firm_co_finance_at_least = "40%"        # {words[2]}
paid       = {{ when = "after_acceptance", lag_months = 6 }}
unspent    = "carry_over"               # carry_over | return
eligible   = {{ project_at_least = {money(500_000, lang)} }}   # {words[3]}
allocation = {{ rule = "first_come" }}    # first_come | score | proportional | lottery | equal
"""


def fair(sizes: Sizes, first: int, lang: str) -> str:
    """Return a yearly fair that the larger makers can exhibit at."""
    cost = max(0.0002 * sizes.output, 300_000.0)
    return f"""\
{_head("fair", "fair", "Yearly sourcing fair", "年度采购会", first)}\
every   = {{ month = 10 }}
booths  = {count(1.5 * sizes.above_scale, 20)}
exhibitors    = "any"                   # any | above_scale | in_park
booth_fee     = {money(6000, lang)}
booth_subsidy = "50%"
domestic_buyers_invited = {count(sizes.domestic_buyers / 4, 20)}
foreign_buyers_invited  = {count(sizes.foreign_buyers / 20, 0)}
countries       = {count(sizes.foreign_buyers / 100, 1)}
travel_subsidy  = "{"3000 yuan/buyer" if lang == "en" else "3000元/采购商"}"
organising_cost = "{money(cost, lang).strip('"')}{"/year" if lang == "en" else "/年"}"
"""


def park(sizes: Sizes, first: int, lang: str) -> str:
    """Return a park with room for one in thirty makers."""
    plots = count(sizes.makers / 30, 10)
    return f"""\
{_head("park", "park", "Industrial park", "产业园", first)}\
build_cost = {money(1_500_000 * plots, lang)}
plots      = {plots}
plot_area  = "{"10 mu" if lang == "en" else "10亩"}"
rent       = "{"3 yuan/m2/month" if lang == "en" else "3元/m2/月"}"
phases     = [ {{ opens = "{month_text(first + 12)}", plots = {plots} }} ]
admission  = {{ rule = "first_come", must_close_old_site = true }}   # first_come | score | lottery
"""


def exhibition(sizes: Sizes, first: int, lang: str) -> str:
    """Return stands at fairs abroad for a few firms."""
    words = {"en": "share of a firm's cost that public money pays", "zh": "财政承担的展位和差旅费用比例"}[lang]
    return f"""\
{_head("going-out", "exhibition", "Stands at fairs abroad", "组织企业境外参展", first)}\
every   = {{ month = 4 }}
firms_sent    = {count(sizes.above_scale / 5, 5)}
stand_subsidy = "60%"                   # {words}
countries     = 4
"""


def as_comment(text: str) -> str:
    """Return text with every line after a comment sign."""
    return "".join(f"# {line}".rstrip() + "\n" for line in text.splitlines())
