"""Published national growth beside which a county's growth is judged: which series, for which year.

After the rules of ``calibration/evidence/macro.md``, section Use: manufacturing value added at current prices where it
is published, else GDP, for what a cluster sells at home; goods exports in yuan for exports. Liquor and food do not
follow manufacturing. Recalled numbers (status R) are refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sim.errors import UserError
from sim.evidence.variables import GROWTH
from sim.rules.elementary import power

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sim.evidence import Fact, Growth, Series

YEAR: Final = 12
GDP: Final = ("gdp_nominal_growth_nbs", "gdp_nominal_growth", "gdp_nominal_growth_q")
MANUFACTURING: Final = (
    "manufacturing_va_nominal_growth_nbs",
    "gdp_nominal_growth_nbs",
    "gdp_nominal_growth",
    "manufacturing_va_nominal_growth_q",
)
EXPORTS: Final = ("exports_goods_cny_growth",)
"""Series in the order in which they are looked at, whole years before the quarters of a year not yet complete."""
CONSUMER_INDUSTRIES: Final = frozenset({"food", "baijiu"})
EXPORT_VARIABLES: Final = frozenset({"exports", "imports_and_exports", "piece_exports"})
NAMES: Final[dict[str, tuple[str, str]]] = {
    "gdp_nominal_growth": ("GDP at current prices", "现价GDP"),
    "manufacturing_va_nominal_growth": ("manufacturing value added at current prices", "现价制造业增加值"),
    "exports_goods_cny_growth": ("goods exports in yuan", "货物出口额（人民币）"),
}


@dataclass(frozen=True)
class NoForecast:
    """Why a rival has nothing to say of a figure."""

    en: str
    zh: str


@dataclass(frozen=True)
class NationalGrowth:
    """Published national growth of a calendar year, as a fraction, and what it is of."""

    year: int
    rate: float
    en: str
    zh: str


def series_for(fact: Fact, industry: str) -> tuple[str, ...]:
    """Return the series a figure goes with, best first."""
    if fact.variable.removesuffix(GROWTH) in EXPORT_VARIABLES:
        return EXPORTS
    return GDP if industry in CONSUMER_INDUSTRIES else MANUFACTURING


def national_growth(fact: Fact, industry: str, series: Mapping[str, Series], year: int) -> NationalGrowth | NoForecast:
    """Return national growth of a year as it goes with a figure, or why there is none.

    Parameters
    ----------
    fact
        Says what grows: exports, or what is sold at home.
    industry
        Of the place; ``all`` of many places.
    """
    for name in series_for(fact, industry):
        found = _growth(series.get(name), year, part_year=name.endswith("_q"))
        if found is not None:
            en, zh = NAMES[name.removesuffix("_nbs").removesuffix("_q")]
            part = name.endswith("_q")
            return NationalGrowth(
                year, found.rate, f"{en}, {year}{', first quarter' * part}", f"{year}年{'一季度' * part}{zh}"
            )
    return NoForecast(f"no national growth published for {year}", f"{year}年全国增速尚无公布")


def _growth(series: Series | None, year: int, *, part_year: bool) -> Growth | None:
    """Return growth of a year that was seen or derived; None without one."""
    if series is None:
        return None
    try:
        found = series.growth(year, part_year=part_year)
    except UserError:
        return None
    return None if found.status == "R" else found


def grown_on(
    fact: Fact, industry: str, series: Mapping[str, Series], month: int, years: float
) -> tuple[float, str, str] | NoForecast:
    """Return the growth factor of a national series over ``years`` up to a month, and what it is of in words.

    Each year back from the month counts with the growth of the calendar year it ends in, the last part of a year in
    proportion (compound).
    """
    factor, left, told, told_zh = 1.0, years, [], []
    while left > 1e-9:
        found = national_growth(fact, industry, series, month // YEAR)
        if isinstance(found, NoForecast):
            return found
        part = min(left, 1.0)
        factor *= power(1.0 + found.rate, part)
        share = "" if part == 1.0 else f" for {part:.2g} year"
        told.append(f"{found.en} {found.rate:+.1%}{share}")
        told_zh.append(f"{found.zh}{found.rate:+.1%}" + ("" if part == 1.0 else f"（按{part:.2g}年）"))
        left, month = left - part, month - YEAR
    return factor, "; ".join(told) or "no time between", "；".join(told_zh) or "时间相同"
