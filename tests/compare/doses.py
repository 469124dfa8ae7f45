"""Runs of one policy at several doses, made up so that every number of a curve can be worked out by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from sim.compare.dose import DoseResponse, dose_response
from sim.observables import OBSERVABLES
from sim.policies.fair.terms import FairTerms
from sim.policies.fund.terms import FundTerms
from sim.state.record import MONEY_STAGES, PAYERS
from tests.compare.fake_run import FakeRun, make_policy, make_scenario, month

BUDGET = 200e6
MONTHLY_OUTPUT = 1e9
GAIN = 5e6
"""More output in a month at dose 1 in the middle replicate."""
MONTHLY_MONEY = 8e6
"""Public money paid in a month at dose 1."""


def fund_terms(times: float) -> FundTerms:
    return FundTerms.plain(
        annual_budget=BUDGET * times, pays_for="equipment", grant_share=0.2, cap_per_firm=5e6,
        firm_co_finance_at_least=0.5, paid={"when": "on_award", "lag_months": 0}, unspent="return", eligible={},
        allocation={"rule": "equal"},
    )  # fmt: skip


def fair_terms(times: float) -> FairTerms:
    return FairTerms.plain(
        every={"month": 10}, booths=round(380 * times), exhibitors="any", booth_fee=6000.0, booth_subsidy=0.5,
        domestic_buyers_invited=round(1500 * times), foreign_buyers_invited=round(120 * times), countries=20,
        travel_subsidy=3000.0, organising_cost=8e6 * times,
    )  # fmt: skip


def toy_run(times: float, count: int, *, kind: str = "fund", start: int = month(2026, 1), **more: Any) -> FakeRun:
    """A run in which output rises with the square root of the dose, and money with the dose.

    Replicate r gains (1 + (r - middle) / count) times as much as the middle one.
    """
    terms = fund_terms(times) if kind == "fund" else fair_terms(times)
    policy = make_policy("fund" if kind == "fund" else "fair", start, type=kind, versions=((start, terms),))
    name = more.pop("name", "Upgrade fund")
    policy = make_policy(policy.id, start, type=kind, versions=((start, terms),), name=name, name_zh=name)
    scenario = make_scenario("toy", policies=(policy,), replicates=count, **more)
    months = np.arange(scenario.time.start, scenario.time.end + 1)
    later = (months >= max(start, scenario.time.start)).astype(float)[None, :, None]
    numbers = np.arange(count)
    spread = 1.0 + (numbers - (count - 1) / 2) / count
    shape = (count, len(months), 1)
    values = {item.name: np.zeros(shape) for item in OBSERVABLES}
    gain = GAIN * np.sqrt(times) * spread[:, None, None] * later
    values["output_value"] = MONTHLY_OUTPUT + gain
    values["employment"] = 3e5 - 100.0 * times * later + np.zeros(shape)
    values["fund_granted"] = 10e6 * min(times, 2.0) * later + np.zeros(shape)
    values["fair_contacts"] = 400.0 * times * later + np.zeros(shape)
    amounts = np.zeros((count, len(months), 1, len(PAYERS), len(MONEY_STAGES)))
    amounts[:, :, 0, 0, MONEY_STAGES.index("paid")] = MONTHLY_MONEY * times * later[0, :, 0]
    code = f"{round(times * 1000):08x}"
    return FakeRun(scenario, numbers, values, amounts, hash=code)


def curve(
    times: Sequence[float] = (0.0, 1.0, 4.0),
    count: int = 24,
    *,
    fields: Sequence[str] = ("annual_budget",),
    on: str = "output_value",
    at: int | None = None,
    **more: Any,
) -> DoseResponse:
    """The curve of the toy runs."""
    runs = [toy_run(factor, count, **more) for factor in times]
    policy = "fair" if more.get("kind") == "fair" else "fund"
    return dose_response(runs, times, policy, fields, on, at)  # type: ignore[arg-type]
