"""Names, units and regions of the IAMC format, one for every observable."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.observables import Observable
    from sim.scenario.resolved import Place

CURRENT, BASE = "million CNY (current prices)", "million CNY (base-year prices)"
MONEY = "million CNY"


@dataclass(frozen=True)
class Name:
    """Variable with ``{}`` where the industry goes, unit in the file, and what a plain value is multiplied by."""

    variable: str
    unit: str
    factor: float = 1.0

    def of(self, industry: str) -> str:
        """Return the variable of one industry."""
        return self.variable.format(industry)


def _money(variable: str, unit: str = MONEY) -> Name:
    return Name(variable, unit, 1e-6)


def _tonnes(variable: str) -> Name:
    return Name(variable, "kt", 1e-3)


NAMES: Final[dict[str, Name]] = {
    "output_value": _money("Output Value|{}", CURRENT),
    "operating_revenue": _money("Operating Revenue|{}"),
    "value_added": _money("Value Added|{}"),
    "exports": _money("Exports|{}"),
    "tax_paid": _money("Tax Paid|{}"),
    "wages_paid": _money("Wages Paid|{}"),
    "profit": _money("Profit|{}"),
    "profit_rate": Name("Profit Margin|{}", "share"),
    "loss_making_share": Name("Loss-Making Share|{}", "share"),
    "output_real": _money("Output Value|{}|Base-Year Prices", BASE),
    "price_index": Name("Price Index|{}", "index"),
    "unit_cost_index": Name("Unit Cost Index|{}", "index"),
    "employment": Name("Employment|{}", "persons"),
    "employment_makers": Name("Employment|{}|Makers", "persons"),
    "wage": Name("Wage|{}", "CNY/yr"),
    "unfilled_jobs": Name("Unfilled Jobs|{}", "persons"),
    "labour_productivity": Name("Output per Worker|{}", "CNY/yr"),
    "businesses": Name("Businesses|{}", "count"),
    "makers": Name("Businesses|{}|Makers", "count"),
    "above_scale_firms": Name("Businesses|{}|Above Scale", "count"),
    "entries": Name("Businesses|{}|Entries", "count"),
    "exits": Name("Businesses|{}|Exits", "count"),
    "exits_insolvent": Name("Businesses|{}|Exits|Insolvent", "count"),
    "gini_sales": Name("Gini of Sales|{}", "share"),
    "top_ten_share": Name("Share of Ten Largest Firms|{}", "share"),
    "size_tail_index": Name("Tail Index of Firm Size|{}", "index"),
    "capacity_use": Name("Capacity Use|{}", "share"),
    "national_share": Name("Share of National Volume|{}", "share"),
    "domestic_sales": _money("Domestic Sales|{}"),
    "export_destinations": Name("Export Destinations|{}", "count"),
    "exporters": Name("Businesses|{}|Exporters", "count"),
    "domestic_links": Name("Buyer Links|{}|Domestic", "count"),
    "foreign_links": Name("Buyer Links|{}|Foreign", "count"),
    "link_survival": Name("Buyer Links|{}|Survival", "share"),
    "fair_booths_used": Name("Fair|Booths Used", "count"),
    "fair_exhibitors": Name("Fair|Exhibitors", "count"),
    "fair_buyers": Name("Fair|Buyers", "count"),
    "fair_contacts": Name("Fair|Contacts", "count"),
    "fair_intended_orders": _money("Fair|Intended Orders"),
    "fair_contracts": _money("Fair|Contracts"),
    "fair_delivered": _money("Fair|Delivered"),
    "fair_repeat_orders": _money("Fair|Repeat Orders"),
    "exhibition_contacts": Name("Exhibitions Abroad|Contacts", "count"),
    "exhibition_sales": _money("Exhibitions Abroad|Sales"),
    "park_plots_open": Name("Park|Plots Open", "count"),
    "park_plots_used": Name("Park|Plots Used", "count"),
    "park_tenants": Name("Park|Tenants", "count"),
    "park_queue": Name("Park|Queue", "count"),
    "discharge_untreated": _tonnes("Emissions|Untreated Discharge"),
    "discharge_treated": _tonnes("Emissions|Treated Discharge"),
    "inspection_closures": Name("Closures by Inspection", "count"),
    "investment": _money("Investment|{}|Equipment"),
    "capital": _money("Capital Stock|{}", BASE),
    "upgrades": Name("Technical Upgrades|{}", "count"),
    "technology_gap": Name("Distance to Frontier|{}", "index"),
    "quality_index": Name("Quality Index|{}", "index"),
    "fund_promised": _money("Public Money|Fund|Budget"),
    "fund_claimed": _money("Public Money|Fund|Claimed"),
    "fund_granted": _money("Public Money|Fund|Granted"),
    "fund_paid": _money("Public Money|Fund|Paid"),
    "fund_unspent": _money("Public Money|Fund|Unspent"),
    "public_money_paid": _money("Public Money|Paid"),
    "public_money_unmet": _money("Public Money|Unmet"),
    "county_tax_receipts": _money("Tax Receipts|County"),
    "county_balance": _money("Public Money|County Account Balance"),
    "piece_sales": _money("Sales by the Piece|{}"),
    "piece_exports": _money("Exports|{}|By the Piece"),
    "platform_members": Name("Platform|Members", "count"),
    "platform_contacts": Name("Platform|Contacts", "count"),
    "platform_sales": _money("Platform|Sales"),
    "cloud_firms": Name("Cloud Drive|Firms in the Cloud", "count"),
    "digital_workshops": Name("Cloud Drive|Digital Workshops", "count"),
    "dealer_sales": _money("Dealers|Sales"),
    "dealer_contacts": Name("Dealers|Contacts", "count"),
    "sales_outlets": Name("Dealers|Outlets at Home", "count"),
    "foreign_outlets": Name("Dealers|Outlets Abroad", "count"),
    "overseas_dealers": Name("Dealers|Abroad", "count"),
    "trade_park_tenants": Name("Trade Park|Tenants", "count"),
    "trade_park_rent": _money("Trade Park|Rent"),
    "trained": Name("Training|People Trained", "persons"),
    "skilled_workers": Name("Training|Workers Trained by Programmes", "persons"),
    "research_projects": Name("Joint Research|Projects", "count"),
    "research_successes": Name("Joint Research|Successes", "count"),
    "firms_visited": Name("Upgrade Drive|Firms Visited", "count"),
    "drive_upgrades": Name("Upgrade Drive|Upgrades", "count"),
    "design_services": Name("Design|Firms Served", "count"),
    "designs_launched": Name("Design|Designs Launched", "count"),
    "designated_towns": Name("Designation|Towns", "count"),
    "designations": Name("Designation|New", "count"),
    "designation_applications": Name("Designation|Applications", "count"),
    "designation_queue": Name("Designation|Queue", "count"),
    "honoured_firms": Name("Designation|Firms with an Honour", "count"),
    "projects_signed": Name("Investment Projects|Signed", "count"),
    "projects_signed_value": _money("Investment Projects|Signed|Value"),
    "projects_started": Name("Investment Projects|Started", "count"),
    "projects_operating": Name("Investment Projects|Operating", "count"),
    "projects_lapsed": Name("Investment Projects|Lapsed", "count"),
    "projects_realised": _money("Investment Projects|Money Arrived"),
    "opening_sales": _money("Investment Projects|Sales to Own Customers"),
    "jobs_projects": Name("Employment|{}|Project Plants", "persons"),
    "jobs_entrants": Name("Employment|{}|New Businesses", "persons"),
}
_UNITS: Final = {"yuan": (MONEY, 1e-6), "tonnes": ("kt", 1e-3), "yuan/year": ("CNY/yr", 1.0)}
ANYWAY: Final = Name("Public Money|Fund|Would Have Happened Anyway", "share")
"""Share of grants whose firm bought in the paired baseline too; known only of a scenario with a baseline."""

QUANTILES: Final = {
    "p05": "5th Percentile",
    "p25": "25th Percentile",
    "p50": "50th Percentile",
    "p75": "75th Percentile",
    "p95": "95th Percentile",
    "mean": "Mean",
}

PROVINCES: Final = {
    "11": "Beijing", "12": "Tianjin", "13": "Hebei", "14": "Shanxi", "15": "Inner Mongolia", "21": "Liaoning",
    "22": "Jilin", "23": "Heilongjiang", "31": "Shanghai", "32": "Jiangsu", "33": "Zhejiang", "34": "Anhui",
    "35": "Fujian", "36": "Jiangxi", "37": "Shandong", "41": "Henan", "42": "Hubei", "43": "Hunan", "44": "Guangdong",
    "45": "Guangxi", "46": "Hainan", "50": "Chongqing", "51": "Sichuan", "52": "Guizhou", "53": "Yunnan", "54": "Tibet",
    "61": "Shaanxi", "62": "Gansu", "63": "Qinghai", "64": "Ningxia", "65": "Xinjiang", "71": "Taiwan",
    "81": "Hong Kong", "82": "Macao",
}  # fmt: skip
"""First two digits of an administrative code."""
_LEVELS = (" District", " County", " City", " Township", " Town")


def name_of(item: Observable) -> Name:
    """Return the name of an observable; one that is not listed goes by its label."""
    if item.name in NAMES:
        return NAMES[item.name]
    unit, factor = _UNITS.get(item.unit, (item.unit, 1.0))
    return Name(f"{' '.join(part[:1].upper() + part[1:] for part in item.label.split())}|{{}}", unit, factor)


def word(text: str) -> str:
    """Return text as one level of a name: on one line, without the bar that separates levels."""
    kept = "".join(c if c.isprintable() and c != "|" else " " for c in text)
    return " ".join(kept.split())


def industry(places: Sequence[Place]) -> str:
    """Return the industry of places, ``All Industries`` when they have several: ``Wire Mesh`` for ``wire-mesh``."""
    names = {place.industry for place in places}
    if len(names) != 1:
        return "All Industries"
    # Not str.title(), which would raise the letter after an apostrophe too.
    return " ".join(part[:1].upper() + part[1:] for part in word(names.pop().replace("-", " ")).split()) or "Industry"


def region(place: Place) -> str:
    """Return ``China|Hebei|Yongnian``: country, province by administrative code, place without its level."""
    name = word(place.name.partition(",")[0]) or place.id
    for level in _LEVELS:
        name = name.removesuffix(level)
    province = PROVINCES.get(place.admin_code[:2])
    return "|".join(part for part in ("China", province, name) if part)


def region_of_all(places: Sequence[Place]) -> str:
    """Return the region of several places together."""
    provinces = {PROVINCES.get(place.admin_code[:2]) for place in places}
    province = provinces.pop() if len(provinces) == 1 else None
    return "|".join(part for part in ("China", province, f"{len(places)} Places") if part)
