"""What articles report: names, labels and bases in both languages, and which observables measure it.

A variable that is an observable needs no row: its labels and bases are those of ``sim.observables``.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, Literal

from sim.observables import INDEX, OBSERVABLES, observable

GROWTH: Final = "_yoy"
"""Ending of a variable that is the growth of another over the same months a year earlier."""
NotAsked = Literal["no observable", "input", "policy input"]
BASES: Final = Path(__file__).with_name("bases.toml")


@dataclass(frozen=True)
class Reported:
    """One variable by the name articles use.

    Parameters
    ----------
    name
        As in the files of evidence.
    label, label_zh
        What a reader sees; an English label left out is the name with spaces.
    measured_by
        Observables that, added up, measure it. They count when all of them are in the table of observables, and an
        observable of the variable's own name comes before them.
    not_asked
        Why no simulation is asked for it: kind of reason (``sim.reporting.recipes.Why``), and the reason in English and
        Chinese.
    """

    name: str
    label_zh: str
    label: str = ""
    measured_by: tuple[str, ...] = ()
    not_asked: tuple[NotAsked, str, str] | None = None


REPORTED: Final = {
    row.name: row
    for row in (
        Reported("attracted_suppliers", "引进上下游企业"),
        Reported("capacity_volume", "产能", not_asked=("no observable", "the model counts yuan of the base year, not tonnes", "模型不计吨数")),
        Reported("chain_output_value", "全产业链产值", label="output value of the whole chain", measured_by=("operating_revenue",)),
        Reported("clusters", "特色产业集群", not_asked=("input", "the number of places is set when a scenario is written", "地区数在编写方案时给定")),
        Reported("equipment_sets", "设备台套", not_asked=("no observable", "the model has equipment in yuan, not sets", "模型只计设备价值，不计台套")),
        Reported("fair_booths", "展位数", measured_by=("fair_booths_used",)),
        Reported("fair_buyer_countries", "采购商来源国家", not_asked=("input", "the countries invited are a term of the fair", "邀请国家数是展会条款")),
        Reported("fair_foreign_customers", "境外客商", label="customers from abroad at the fair", measured_by=("fair_foreign_buyers",)),
        Reported("firm_output_value", "企业产值"),
        Reported("firms_upgrading", "技改企业", label="firms that are upgrading", measured_by=("upgrades",)),
        Reported("fund_annual_budget", "年度专项资金", not_asked=("policy input", "a budget is a term of the fund: what a scenario says, not what follows", "预算是资金条款，属方案输入")),
        Reported("global_market_share", "全球市场占有率", not_asked=("input", "no production abroad is simulated; the share is a starting value of the place", "不推演国外产量，该占比是起始值")),
        Reported("imports_and_exports", "进出口额", measured_by=("exports",)),
        Reported("jobs_created", "新增就业", measured_by=("jobs_entrants", "jobs_projects")),
        Reported("little_giants", "专精特新“小巨人”企业", measured_by=("honoured_firms",)),
        Reported("machine_tools", "机床", not_asked=("no observable", "the model has equipment in yuan, not machines", "模型只计设备价值，不计台数")),
        Reported("national_market_share", "全国市场占有率", measured_by=("national_share",)),
        Reported("new_businesses", "新增经营主体", measured_by=("entries",)),
        Reported("output_volume", "产量", not_asked=("no observable", "the model counts yuan of the base year, not square metres", "模型不计面积")),
        Reported("parks", "产业园", not_asked=("policy input", "parks are policies of the scenario", "园区属方案中的政策")),
        Reported("patented_technologies", "专利技术"),
        Reported("product_categories", "产品大类", not_asked=("no observable", "a place has one product in the model", "模型中每个地区只有一种产品")),
        Reported("product_specifications", "产品规格", not_asked=("no observable", "a place has one product in the model", "模型中每个地区只有一种产品")),
        Reported("product_subcategories", "产品小类", not_asked=("no observable", "a place has one product in the model", "模型中每个地区只有一种产品")),
        Reported("projects_new", "新项目", label="new projects", measured_by=("projects_signed",)),
        Reported("projects_value", "项目投资额", label="value of new projects", measured_by=("projects_signed_value",)),
        Reported("provincial_towns", "省级专业镇", measured_by=("designated_towns",)),
        Reported("skilled_workers_supplied", "输送技能人才", measured_by=("skilled_workers",)),
        Reported("standards_formulated", "制修订标准"),
        Reported("towns", "特色专业镇", not_asked=("input", "the number of places is set when a scenario is written", "地区数在编写方案时给定")),
    )
}
"""Reported variables by name."""


def variable_label(variable: str, lang: str) -> str:
    """Return what a reader calls a reported variable; its own name when no label is known."""
    if variable.endswith(GROWTH):
        level = variable_label(variable.removesuffix(GROWTH), lang)
        return f"{level}, growth on a year" if lang == "en" else f"{level}同比"
    row = observable(variable) if variable in INDEX else REPORTED.get(variable, Reported(variable, variable))
    return row.label or variable.replace("_", " ") if lang == "en" else row.label_zh


def basis_label(basis: str, lang: str) -> str:
    """Return a statistical basis in a language, phrase by phrase; a phrase nobody knows is shown as it was written."""
    if lang == "en":
        return basis
    known = dict(_phrases())
    for item in OBSERVABLES:
        known |= zip(item.basis.split("; "), item.basis_zh.split("；"), strict=True)
    return known.get(basis) or "；".join(known.get(part, part) for part in re.split(r";\s*", basis))


@cache
def _phrases() -> dict[str, str]:
    """Return the phrases of published bases in Chinese."""
    return tomllib.loads(BASES.read_text(encoding="utf-8"))


def measured_by(variable: str) -> tuple[str, ...]:
    """Return the observables that, added up, measure a reported variable; empty when nothing does.

    The growth of a variable (``exports_yoy``) is measured by the variable itself.
    """
    name = variable.removesuffix(GROWTH)
    if name in INDEX:
        return (name,)
    names = REPORTED[name].measured_by if name in REPORTED else ()
    return names if all(item in INDEX for item in names) else ()


def known_variables() -> tuple[str, ...]:
    """Return every name that means an observable: their own, and those of articles."""
    return tuple(sorted({*INDEX, *(name for name in REPORTED if len(measured_by(name)) == 1)}))
