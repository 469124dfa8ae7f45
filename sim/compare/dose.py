"""Dose and response: one policy at several sizes, each compared pair by pair with the same policy at zero."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from sim.compare.build import chosen_years
from sim.compare.money import build_shortfalls
from sim.compare.runs import in_years, pair, window_values
from sim.compare.statistics import band, contrast
from sim.errors import UserError
from sim.experiments import run_request
from sim.experiments.aggregate import complete_years
from sim.experiments.identity import folder_name
from sim.observables import INDEX, observable
from sim.scenario.ceiling import INVITED, ceiling, reported_orders
from sim.scenario.dosing import changes_of, dose_fields, feasible, find_policy, level, overrides, present
from sim.scenario.loader import load_to_run
from sim.state.record import MONEY_STAGES
from sim.units import year_of

if TYPE_CHECKING:
    from typing import Any

    from sim.compare.comparison import Shortfall
    from sim.compare.runs import Floats, Pairing
    from sim.compare.statistics import Band, Contrast
    from sim.experiments import Request, Run
    from sim.experiments.progress import Progress
    from sim.observables import Observable
    from sim.scenario.resolved import Policy

TIMES: Final = (0.0, 0.5, 1.0, 2.0, 4.0)
"""Doses tried when none are named, as multiples of the policy as written."""
WITHIN: Final = (0.0, 0.25, 0.5, 0.75, 1.0)
"""The same for a policy that cannot be larger than it is."""
MOST_DOSES: Final = 12
SMALLEST_MONEY: Final = 1.0
"""Yuan of public money below which nothing is divided by it."""

_PAID = MONEY_STAGES.index("paid")


@dataclass(frozen=True)
class Plan:
    """What is to be run: the policy, the fields a dose multiplies, and the doses, ascending and from zero."""

    reference: str
    policy: Policy
    fields: tuple[str, ...]
    times: tuple[float, ...]
    overrides: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Dose:
    """One dose.

    Attributes
    ----------
    times
        Multiple of the policy as the scenario has it.
    level
        Value of the first dose field in the policy's last terms: a number, a range, or the items of a list.
    difference
        The variable in the year asked for, this dose against zero.
    reach
        The policy's own observable over the window, against zero.
    money
        Public money of all payers and policies paid in the window, less that at zero; yuan.
    per_million
        Difference for each million yuan of that money (a flow is added up over the window, a stock taken in the
        year); None when not every pair pays any.
    ceiling
        Yuan that published figures and terms allow at most; NaN when they say nothing. See ``DoseResponse``.
    share_of_ceiling
        Median share of it that came about; NaN without a ceiling.
    replicates
        Replicate numbers of the pairs, in the order of the values.
    shortfall
        What could not be paid of what the policy planned; None when all was paid.
    """

    times: float
    level: Any
    run: Run
    replicates: tuple[int, ...]
    difference: Contrast
    reach: Contrast
    money: Band
    per_million: Band | None
    ceiling: float
    share_of_ceiling: float
    shortfall: Shortfall | None = None


@dataclass(frozen=True)
class DoseResponse:
    """A dose-response curve.

    Attributes
    ----------
    window
        First and last year over which money and flows are added up: from the policy's first simulated year on.
    doses
        Ascending; the first is zero.
    ceiling_of
        What the ceiling is about: ``grants`` (public money paid against the budgets of the window), ``orders`` (a
        sales variable in the year against intended orders if buyers behave as reported), or empty.
    changes_the_past
        Whether the policy was in force in months with reported figures, which other doses change as well.
    """

    policy: Policy
    fields: tuple[str, ...]
    variable: Observable
    reach: Observable
    at: int
    window: tuple[int, int]
    doses: tuple[Dose, ...]
    ceiling_of: str
    ceiling_year: int | None
    changes_the_past: bool

    @property
    def zero(self) -> Dose:
        """The policy without any effect."""
        return self.doses[0]

    @property
    def n(self) -> int:
        """Number of pairs of the dose that has fewest."""
        return min(dose.difference.n for dose in self.doses)

    @property
    def whole(self) -> bool:
        """Whether zero means no policy at all: all fields that make it larger or smaller are multiplied."""
        terms = self.policy.versions[0][1]
        return set(self.fields) >= {name for name in terms.dose if present(self.policy, name)}


def curve_name(response: DoseResponse) -> str:
    """Return the folder name of a curve: scenario, policy, variable, year, and a hash of its runs and fields."""
    runs = [dose.run.folder.name for dose in response.doses]
    text = " ".join([*runs, *response.fields])
    digest = hashlib.sha256(text.encode()).hexdigest()[:8]
    scenario = folder_name(response.doses[-1].run.scenario_id)
    return f"{scenario}--dose-{response.policy.id}--{response.variable.name}-{response.at}--{digest}"


# --- running ---------------------------------------------------------------------------------------------------------


def plan(
    reference: str,
    policy: str,
    field: str | None = None,
    times: Sequence[float] | None = None,
    given: Sequence[str] = (),
    *,
    at: int | None = None,
) -> Plan:
    """Return what has to be run for a dose-response curve; nothing is run.

    Parameters
    ----------
    field
        Fields to multiply, separated by commas; those of the policy's type when None.
    times
        Multiples of the policy; zero is added. None takes ``TIMES``, or ``WITHIN`` where no more is possible.
    given
        Overrides of the command line, which count for every dose.
    at
        Year of the curve, looked at beforehand: it must be simulated, and the policy have begun.

    Raises
    ------
    UserError
        When the scenario or the policy is not there, it cannot be multiplied so, or the year makes no sense.
    """
    scenario = load_to_run(reference, overrides=given).scenario
    found = find_policy(scenario, policy)
    fields = dose_fields(found, field)
    span = scenario.time
    years = complete_years(span.start, span.end - span.start + 1).tolist()
    if not years:
        raise UserError(f"{scenario.id} simulates no complete calendar year")
    _window(found, years, chosen_years(years, at, None)[0])
    doses = _checked_times(found, fields, times)
    changes = changes_of(reference, policy, given)
    texts = tuple(_merged(given, overrides(found, changes, fields, factor)) for factor in doses)
    return Plan(reference, found, fields, doses, texts)


def _merged(given: Sequence[str], own: Sequence[str]) -> tuple[str, ...]:
    """Return the overrides of the command line less those that a dose replaces, and those of the dose."""
    replaced = {text.partition("=")[0] for text in own}
    return (*(text for text in given if text.partition("=")[0].replace(" ", "") not in replaced), *own)


def _checked_times(policy: Policy, fields: Sequence[str], times: Sequence[float] | None) -> tuple[float, ...]:
    """Return the doses in ascending order, from zero."""
    if times is None:
        usual = [factor for factor in TIMES if not feasible(policy, fields, factor)]
        return TIMES if len(usual) == len(TIMES) else tuple(sorted({*WITHIN, *usual}))
    found = sorted({0.0, *(float(factor) for factor in times)})
    for factor in found:
        if not (math.isfinite(factor) and factor >= 0.0):
            raise UserError(f"--times {factor:g}: a dose is a number of at least 0, such as 0.5")
        reason = feasible(policy, fields, factor)
        if reason:
            raise UserError(f'--times {factor:g} is not possible for policy "{policy.id}": {reason}')
    if len(found) < 2:
        raise UserError("--times names no dose besides 0; for example --times 0,0.5,1,2,4")
    if len(found) > MOST_DOSES:
        raise UserError(f"--times names {len(found)} doses; {MOST_DOSES} at most")
    return tuple(found)


def run_doses(todo: Plan, how: Request, progress: Progress | None = None) -> list[Run]:
    """Run every dose of a plan and return the runs in its order; what is finished already is reused.

    ``how`` names neither scenarios nor overrides: the plan does.

    Raises
    ------
    UserError, Stopped
        As ``sim.experiments.run_request``.
    """
    if progress is not None:
        doses = ", ".join(f"{factor:g}" for factor in todo.times)
        progress.notice(f"{len(todo.times)} doses: {doses} times {todo.policy.id}")
    return run_request(replace(how, references=[todo.reference] * len(todo.times), variations=todo.overrides), progress)


def _window(policy: Policy, years: Sequence[int], at: int) -> tuple[int, int]:
    """Return the years over which money and flows are added up, after checking that the policy has begun."""
    first = max(years[0], year_of(policy.start))
    if first > at:
        raise UserError(f'policy "{policy.id}" begins in {first}, after the year {at} that is asked for (--at)')
    return first, at


# --- reading ---------------------------------------------------------------------------------------------------------


def dose_response(
    runs: Sequence[Run],
    times: Sequence[float],
    policy: str,
    fields: Sequence[str],
    on: str = "output_value",
    at: int | None = None,
) -> DoseResponse:
    """Compare runs of one policy at several doses with the run at dose zero, pair by pair.

    Parameters
    ----------
    runs, times
        One run for each dose, ascending; the first dose is zero.
    on
        Variable of the curve.
    at
        Year; 2030, or the last year simulated, when None.

    Raises
    ------
    UserError
        When the runs do not hold the year, cannot be paired, or the policy only begins later.
    """
    if on not in INDEX:
        raise UserError(f'unknown variable "{on}"; it is one of {", ".join(INDEX)}')
    if not times or times[0] != 0.0 or len(runs) != len(times):
        raise ValueError("the first of the doses must be zero, and every dose needs a run")
    pairings = [pair(run, runs[0]) for run in runs]
    years = pairings[0].years
    at, _ = chosen_years(years, at, None)
    found = find_policy(runs[-1].scenario, policy)
    terms = found.versions[0][1]
    variable, ceiling_of = observable(on), ""
    sales = variable.unit == "yuan" and variable.aggregate == "sum"
    if terms.awards_grants and "annual_budget" in fields:
        ceiling_of = "grants"
    elif found.type == "fair" and sales and set(INVITED) <= set(fields):
        ceiling_of = "orders"
    reported = reported_orders(found.where) if ceiling_of == "orders" else None
    response = DoseResponse(
        policy=found,
        fields=tuple(fields),
        variable=variable,
        reach=observable(terms.reach),
        at=at,
        window=_window(found, years, at),
        doses=(),
        ceiling_of=ceiling_of,
        ceiling_year=None if reported is None else reported[1],
        changes_the_past=found.start <= runs[0].scenario.time.reported_until,
    )
    doses = (_dose(response, factor, pairing) for factor, pairing in zip(times, pairings, strict=True))
    return replace(response, doses=tuple(doses))


def _dose(asked: DoseResponse, times: float, pairing: Pairing) -> Dose:
    """Return the numbers of one dose; ``asked`` says which."""
    policy = find_policy(pairing.b.scenario, asked.policy.id)
    year = (asked.at, asked.at)
    difference, reach = (
        contrast(*(part[:, None] for part in pairing.over(name, span)), paired=True)[0]
        for name, span in ((asked.variable.name, year), (asked.reach.name, asked.window))
    )
    money = _paid(pairing, asked.window)
    yearly_b, yearly_a = pairing.annual(asked.variable.name)
    span = asked.window if asked.variable.aggregate == "sum" else year
    effect = window_values(yearly_b - yearly_a, pairing.years, span, asked.variable)
    pays = money.size > 0 and bool(np.all(money >= SMALLEST_MONEY))
    limit, reached = math.nan, difference.difference.p50
    if asked.ceiling_of == "grants":
        limit, reached = _budgets(pairing, asked.window), float(np.median(money))
    elif asked.ceiling_of == "orders":
        limit = _orders(times, policy, asked.at)
    return Dose(
        times=times,
        level=level(policy.versions[-1][1], asked.fields[0]),
        run=pairing.b,
        replicates=pairing.replicates,
        difference=difference,
        reach=reach,
        money=band(money),
        per_million=band(effect / (money / 1e6)) if pays else None,
        ceiling=limit,
        share_of_ceiling=reached / limit if limit > 0.0 else math.nan,
        shortfall=next((one for one in build_shortfalls(pairing) if one.policy == policy.id and one.side != "A"), None),
    )


def _paid(pairing: Pairing, window: tuple[int, int]) -> Floats:
    """Return public money of all policies and payers paid in the window, B less A, by pair; yuan."""
    b, a = (run.money()[rows][:, in_years(run, window)][..., _PAID].sum(axis=(1, 2, 3)) for run, rows in pairing.sides)
    return np.asarray(b - a)


def _budgets(pairing: Pairing, window: tuple[int, int]) -> float:
    """Return the budgets of the window beyond those at zero, yuan."""
    span = replace(pairing.b.scenario.time, start=window[0] * 12, end=window[1] * 12 + 11)
    return ceiling(*(replace(run.scenario, time=span) for run in (pairing.b, pairing.a))).grants or 0.0


def _orders(times: float, policy: Policy, at: int) -> float:
    """Return yearly intended orders at a dose when each invited buyer states as much as was reported last; yuan."""
    reported = reported_orders(policy.where)
    if reported is None:
        return math.nan
    if times <= 0.0:
        return 0.0
    yuan, year = reported
    ratios = []
    for name in INVITED:
        now, then = (getattr(policy.terms_at(one * 12 + 11), name) for one in (at, year))
        now, then = (float(getattr(value, "centre", value)) for value in (now, then))
        if then > 0.0:
            ratios.append(now / then)
    return yuan * times * max(ratios, default=1.0)
