"""Every field of every policy type does something: changed alone, it changes the run.

A field that is read and then forgotten would mislead whoever sets it. Two fields are words for the reader and are named
as such; nothing may follow from them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from sim.model import digest
from sim.policies.registry import policy_types
from sim.scenario.resolved import Policy
from tests.policies.every_type import TERMS, run, usual
from tests.policies.many import TOWNS, begun_in_towns, given
from tests.policies.playing import FIRST, Played, parameters
from tests.policies.trading import SHOPS

MONTHS = 17
WORDS = {("park", "treatment.what"), ("project", "jobs")}
"""Fields that describe, or keep a figure to compare with."""
SCORE = {"rule": "score", "weights": {"expected_jobs": 1.0}}
GIANTS = {"level": "nation", "scope": "firms", "honour": "little_giant", "select": "score", "count": 4}
TOWN: Mapping[str, Any] = {"level": "province", "count": 2, "select": "score", "weights": {"output": 1.0}}
ACROSS = {"places": "all", "rule": "factor", "weights": {"firms": 1.0}}
FILTH = {"environment__inspection_rate": 0.05}
SEEN = {"design__award_visibility": 0.5, "design__design_success": 1.0}
DEAF = {"cloud__cloud_awareness": 0.0, "cloud__workshop_awareness": 1.0}
COMPANY: Mapping[str, Policy] = {
    "fund": usual("fund"),
    "park": usual("park"),
    "for_the_honoured": usual("fund", eligible={"honours": ("little_giant",)}),
    "for_the_designated": given(
        "fund",
        "fund",
        start=FIRST + 2,
        where=TOWNS[:4],
        payer={"province": 1.0},
        **{**TERMS["fund"], "across": {**ACROSS, "places": "designated:province"}},
    ),
}
"""Policies that give a field something to do."""


@dataclass(frozen=True)
class Case:
    """One field, the terms it is changed from (the usual ones with ``base``) and what it is changed to.

    ``to`` holds all changes, as some fields only go together; ``after`` marks a policy that began before the run;
    ``towns`` plays it in four towns, ``number`` chooses the randomness.
    """

    kind: str
    path: str
    to: Mapping[str, Any]
    base: Mapping[str, Any] = field(default_factory=dict)
    company: tuple[str, ...] = ()
    settings: Mapping[str, float] = field(default_factory=dict)
    start: int = FIRST
    towns: bool = False
    number: int = 0

    def __str__(self) -> str:
        return f"{self.kind}.{self.path}"


def fund(path: str, base: Mapping[str, Any] | None = None, **to: Any) -> Case:
    """Return a case of a fund; what is written inside a table replaces it."""
    return Case("fund", path, to, base or {}, company=("park",))


def across(path: str, base: Mapping[str, Any] | None = None, **to: Any) -> Case:
    """Return a case of a fund's first step."""
    start = {"across": {**ACROSS, **(base or {})}, "annual_budget": 4e6, "unspent": "return"}
    return Case("fund", f"across.{path}", {"across": {**ACROSS, **(base or {}), **to}}, start, towns=True)


def admission(path: str, **to: Any) -> Case:
    """Return a case of a park whose plots are short."""
    few = {"plots": 3, "phases": ({"opens": FIRST + 2, "plots": 3},), "rent": 0.5}
    score = {"rule": "score", "weights": {"output_per_mu": 1.0}, "must_close_old_site": False}
    return Case("park", f"admission.{path}", {"admission": {**score, **to}}, {**few, "admission": score})


def criterion(name: str, value: Any) -> Case:
    """Return a case of a criterion that firms must meet, above half of them."""
    late = {**TERMS["designation"], **GIANTS, "select": "lottery", "count": 400}
    return Case("designation", f"criteria.{name}", {"criteria": {name: value}}, late, start=FIRST + 13, settings=FILTH)


def town(path: str, **to: Any) -> Case:
    """Return a case of a designation of two of four towns."""
    return Case("designation", path, to, TOWN, towns=True, start=FIRST + 13)


PLACES = {"weights": None, "select": "listed"}
TREATMENT = TERMS["park"]["treatment"]
CASES = (
    fund("annual_budget", annual_budget=1e6),
    fund("pays_for", pays_for="digital"),
    fund("grant_share", grant_share=0.1),
    fund("cap_per_firm", cap_per_firm=30e3),
    fund("firm_co_finance_at_least", firm_co_finance_at_least=0.9),
    fund("call_months", call_months=(3,)),
    fund("paid.when", paid={"when": "after_acceptance", "lag_months": 0}),
    fund("paid.lag_months", paid={"when": "on_award", "lag_months": 3}),
    fund("unspent", unspent="return"),
    fund("eligible.revenue_at_least", eligible={"revenue_at_least": 5e6}),
    fund("eligible.project_at_least", eligible={"project_at_least": 3e5}),
    fund("eligible.in_park", eligible={"in_park": "only"}),
    fund("eligible.honours", eligible={"honours": ("srdi",)}),
    Case("fund", "eligible.environmental_clean", {"eligible": {"environmental_clean": True}}, settings=FILTH),
    fund("eligible.size", eligible={"size": ("micro",)}),
    fund("allocation.rule", {"annual_budget": 1e6}, allocation={"rule": "proportional"}),
    fund("allocation.weights", {"annual_budget": 1e6, "allocation": SCORE},
         allocation={"rule": "score", "weights": {"automation": 1.0}}),
    across("places", places=f"{TOWNS[0]}, {TOWNS[2]}"),
    across("rule", rule="equal", weights={}),
    across("weights", weights={"output_growth": 0.5, "upgrade_investment": 0.5}),
    across("floor_per_place", floor_per_place=999e3),
    across("ceiling_per_place", ceiling_per_place=0.25),
    across("place_match", place_match=0.5),
    Case("park", "build_cost", {"build_cost": 30e6}),
    Case("park", "plots", {"plots": 10, "phases": ({"opens": FIRST + 2, "plots": 10},)}),
    Case("park", "plot_area", {"plot_area": 9000.0}),
    Case("park", "rent", {"rent": 10.0}),
    Case("park", "phases.opens", {"phases": ({"opens": FIRST + 4, "plots": 40},)}),
    Case("park", "phases.plots", {"phases": ({"opens": FIRST + 2, "plots": 5}, {"opens": FIRST + 8, "plots": 35})}),
    Case("park", "treatment.what", {"treatment": {**TREATMENT, "what": "plating"}}),
    Case("park", "treatment.capacity", {"treatment": {**TREATMENT, "capacity": 9.0}}),
    Case("park", "treatment.removes", {"treatment": {**TREATMENT, "removes": 0.5}}),
    Case("park", "treatment.fee", {"treatment": {**TREATMENT, "fee": 30.0}}),
    admission("rule", rule="lottery", weights={}),
    admission("weights", weights={"emissions": 1.0}),
    admission("must_close_old_site", must_close_old_site=True),
    Case("fair", "every.month", {"every": {"month": 5}}),
    Case("fair", "every.years", {"every": {"month": 3, "years": 2}}),
    Case("fair", "booths", {"booths": 20}),
    Case("fair", "exhibitors", {"exhibitors": "above_scale"}),
    Case("fair", "booth_fee", {"booth_fee": 40e3}),
    Case("fair", "booth_subsidy", {"booth_subsidy": 0.9}),
    Case("fair", "domestic_buyers_invited", {"domestic_buyers_invited": 20}),
    Case("fair", "foreign_buyers_invited", {"foreign_buyers_invited": 10}),
    Case("fair", "countries", {"countries": 5}),
    Case("fair", "travel_subsidy", {"travel_subsidy": 6000.0}),
    Case("fair", "organising_cost", {"organising_cost": 9e5}),
    Case("exhibition", "every.month", {"every": {"month": 6}}),
    Case("exhibition", "every.years", {"every": {"month": 2, "years": 2}}, {"every": {"month": 2}}),
    Case("exhibition", "firms_sent", {"firms_sent": 3}),
    Case("exhibition", "stand_subsidy", {"stand_subsidy": 0.2}),
    Case("exhibition", "countries", {"countries": 10}),
    Case("digital_platform", "services", {"services": ("purchasing",)}),
    Case("digital_platform", "set_up_cost", {"set_up_cost": 3e6}),
    Case("digital_platform", "run_cost", {"run_cost": 6e5}),
    Case("digital_platform", "joining_cost", {"joining_cost": 9000.0}),
    Case("digital_platform", "joining_subsidy", {"joining_subsidy": 0.5}),
    Case("training", "seats", {"seats": 30.0}),
    Case("training", "skills", {"skills": ("trade",)}),
    Case("training", "cost", {"cost": 6000.0}),
    Case("training", "tuition_subsidy", {"tuition_subsidy": 0.9}),
    Case("designation", "level", {"level": "city"}, TOWN, ("for_the_designated",), towns=True),
    Case("designation", "scope", {**GIANTS, "select": "score"}, PLACES),
    town("count", count=1),
    town("count_total", count=None, count_total=3),
    town("select", select="listed", weights={}),
    Case("designation", "listed", {"listed": (TOWNS[3],)}, {**TOWN, "count": 1, "select": "listed", "weights": {}},
         towns=True),
    town("weights", weights={"upgrades": 1.0}),
    Case("designation", "honour", {"honour": "srdi"}, GIANTS, ("for_the_honoured",)),
    Case("designation", "award", {"award": 1e5}, GIANTS),
    Case("designation", "every.month", {"every": {"month": 6}}, {**GIANTS, "every": {"month": 3}}),
    Case("designation", "every.years", {"every": {"month": 2, "years": 2}}, {**GIANTS, "every": {"month": 2}}),
    town("criteria.output_at_least", criteria={"output_at_least": 140e6}),
    town("criteria.growth_at_least", criteria={"growth_at_least": 0.9}),
    town("criteria.lead_industry_at_least", criteria={"lead_industry_at_least": 0.9999}),
    criterion("revenue_at_least", 5e6),
    criterion("revenue_growth_at_least", 0.1),
    criterion("years_at_least", 6),
    criterion("technology_gap_at_most", 1.0),
    criterion("leverage_at_most", 0.05),
    criterion("environmental_clean", True),
    Case("project", "projects", {"projects": 2}),
    Case("project", "value", {"value": 60e6}),
    Case("project", "money", {"money": "public"}),
    Case("project", "realised", {"realised": 0.4}),
    Case("project", "start_share", {"start_share": 0.3}),
    Case("project", "build_months", {"build_months": 8}),
    Case("project", "in_park", {"in_park": True}, company=("park",)),
    Case("project", "tier", {"tier": "supplier"}),
    Case("project", "lead", {"lead": True}),
    Case("project", "local_share", {"local_share": 0.6}),
    Case("project", "jobs", {"jobs": 500}),
    Case("upgrade_drive", "firms", {"firms": 20}),
    Case("upgrade_drive", "focus", {"focus": ("equipment",)}),
    Case("research_partnership", "partners", {"partners": 1}),
    Case("research_partnership", "projects_per_year", {"projects_per_year": 3}),
    Case("research_partnership", "cost", {"cost": 400e3}),
    Case("research_partnership", "firm_share", {"firm_share": 0.2}),
    Case("brand_design", "firms_per_year", {"firms_per_year": 3}),
    Case("brand_design", "cost_per_firm", {"cost_per_firm": 300e3}),
    Case("brand_design", "subsidy", {"subsidy": 0.2}),
    Case("brand_design", "select", {"select": "above_scale_first"}),
    Case("brand_design", "brand_campaign", {"brand_campaign": 2e5}),
    Case("brand_design", "awards", {"awards": 0}, {"firms_per_year": 4000, "subsidy": 1.0, "awards": 4000},
         settings=SEEN, number=1),
    Case("cloud_drive", "firms", {"firms": 5}),
    Case("cloud_drive", "workshops", {"workshops": 0}, {"firms": 900}, settings=DEAF),
    Case("cloud_drive", "fee_subsidy", {"fee_subsidy": 0.9}),
    Case("dealer_network", "dealers", {"dealers": 5}),
    Case("dealer_network", "outlets", {"outlets": 5}),
    Case("dealer_network", "countries", {"countries": 30}),
    Case("dealer_network", "firms", {"firms": "above_scale"}),
    Case("dealer_network", "outlet_cost", {"outlet_cost": 90e3}),
    Case("dealer_network", "subsidy", {"subsidy": 0.5}),
    Case("trade_park", "kind", {"kind": "e_commerce"}),
    Case("trade_park", "build_cost", {"build_cost": 9e6}),
    Case("trade_park", "plots", {"plots": 10}),
    Case("trade_park", "rent", {"rent": 6000.0}),
    Case("trade_park", "buyers", {"buyers": "domestic"}, SHOPS),
)  # fmt: skip


def leaves(table: type[BaseModel], before: str = "") -> Iterator[str]:
    """Return the fields of a table of terms by dotted name, those of tables inside it one by one."""
    for name, info in table.model_fields.items():
        parts = (info.annotation, *get_args(info.annotation))
        inside = [part for part in parts if isinstance(part, type) and issubclass(part, BaseModel)]
        if inside:
            yield from leaves(inside[0], f"{before}{name}.")
        else:
            yield f"{before}{name}"


Outcome = tuple[bytes, bytes, str]
"""All observables, all public money, and the digest of the final state."""


def outcome(run: Played) -> Outcome:
    """Return what is compared of a finished run."""
    return run.record.monthly.tobytes(), run.record.money.tobytes(), digest(run.model)


def played(case: Case, changed: bool) -> Outcome:
    """Return the record of a run with the field as it was or changed."""
    values = {**TERMS[case.kind], **case.base, **(case.to if changed else {})}
    return _played(
        case.kind, _frozen(values), case.company, tuple(case.settings.items()), case.start, case.towns, case.number
    )


@cache
def _played(
    kind: str,
    values: Any,
    company: tuple[str, ...],
    settings: tuple[tuple[str, float], ...],
    start: int,
    towns: bool,
    number: int,
) -> Outcome:
    named = parameters(**dict(settings), government__province_balance_share=0.5, designation__application_chance=1.0)
    terms = {key: value for key, value in _thawed(values).items() if value is not None}
    payer = {"province": 1.0} if kind == "designation" or towns else {"county": 1.0}
    others = [COMPANY[other] for other in company]
    if towns:
        policies = [given(kind, "it", start=start, where=TOWNS[:4], payer=payer, **terms), *others]
        return outcome(begun_in_towns(policies, months=MONTHS + 1, towns=4, settings=named).finish())
    return outcome(
        run([*others, usual(kind, start=start, payer=payer, base=terms)], months=MONTHS, settings=named, number=number)
    )


def _frozen(value: Any) -> Any:
    if isinstance(value, Mapping):
        return ("table", *((key, _frozen(item)) for key, item in value.items()))
    return ("list", *map(_frozen, value)) if isinstance(value, tuple) else value


def _thawed(value: Any) -> Any:
    if not isinstance(value, tuple):
        return value
    mark, *items = value
    return {key: _thawed(item) for key, item in items} if mark == "table" else tuple(map(_thawed, items))


def test_every_field_is_tried() -> None:
    fields = {(kind, path) for kind, found in policy_types().items() for path in leaves(found.terms)}
    assert {(case.kind, case.path) for case in CASES} == fields
    assert len(CASES) == len(fields)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_field_changed_alone_changes_the_run(case: Case) -> None:
    before, after = played(case, False), played(case, True)
    assert (before == after) == ((case.kind, case.path) in WORDS)
