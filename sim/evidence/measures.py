"""Which observables measure what an article reports: a table of names, nothing of a run."""

from __future__ import annotations

from typing import Final

from sim.evidence.labels import GROWTH
from sim.observables import INDEX

OTHER_NAMES: Final[dict[str, tuple[tuple[str, ...], ...]]] = {
    "attracted_suppliers": (("attracted_suppliers",),),
    "chain_output_value": (("operating_revenue",),),
    "cloud_firms": (("cloud_firms",),),
    "digital_workshops": (("digital_workshops",),),
    "fair_booths": (("fair_booths_used",),),
    "fair_buyer_countries": (("fair_buyer_countries",),),
    "fair_foreign_customers": (("fair_foreign_customers",), ("fair_foreign_buyers",)),
    "firms_upgrading": (("firms_upgrading",), ("upgrades",)),
    "foreign_outlets": (("foreign_outlets",),),
    "imports_and_exports": (("exports",),),
    "jobs_created": (("jobs_created",), ("jobs_entrants", "jobs_projects")),
    "little_giants": (("little_giants",), ("honoured_firms",)),
    "national_market_share": (("national_share",),),
    "new_businesses": (("entries",),),
    "overseas_dealers": (("overseas_dealers",),),
    "projects_new": (("projects_new",), ("projects_signed",)),
    "projects_signed": (("projects_signed",),),
    "projects_signed_value": (("projects_signed_value",),),
    "projects_value": (("projects_value",), ("projects_signed_value",)),
    "provincial_towns": (("designated_towns",),),
    "sales_outlets": (("sales_outlets",),),
    "skilled_workers_supplied": (("skilled_workers",),),
}
"""Reported variables by the names articles use. Each row lists what measures it, best first; an entry of several names
is their sum. An entry counts when all its names are observables, so a row may wait for an observable of a policy."""


def measured_by(variable: str) -> tuple[str, ...]:
    """Return the observables that, added up, measure a reported variable; empty when nothing does.

    The growth of a variable (``exports_yoy``) is measured by the variable itself.
    """
    name = variable.removesuffix(GROWTH)
    choices = OTHER_NAMES.get(name, ((name,),))
    return next((choice for choice in choices if all(item in INDEX for item in choice)), ())


def known_variables() -> tuple[str, ...]:
    """Return every name that means an observable: their own, and those of articles."""
    return tuple(sorted({*INDEX, *(name for name in OTHER_NAMES if len(measured_by(name)) == 1)}))
