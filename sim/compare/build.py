"""Put a comparison together from two runs."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sim import versions
from sim.compare.additionality import build_additionality, build_take_up
from sim.compare.comparison import ALL_PLACES, Comparison, GoalRow, Setting, Side
from sim.compare.displacement import build_displacement
from sim.compare.money import DISCOUNT_RATE_A_YEAR, build_money, build_shortfalls, build_value
from sim.compare.notes import build_notes, scale_notes
from sim.compare.rows import build_growth, build_rows
from sim.compare.runs import build_equality, pair
from sim.errors import UserError
from sim.evidence import load_facts
from sim.experiments.parameter_draws import drawn_from
from sim.observables import observable
from sim.parameters import parameter_table
from sim.reporting import aims_of, reach, truth_of
from sim.scenario.ceiling import ceiling

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.compare.runs import Pairing
    from sim.experiments import Run
    from sim.reporting import Aim, Truth

HORIZON = 2030
"""Default year of the headline: the end of the 15th five-year plan."""
PLAN_START = 2026


def compare(
    b: Run,
    a: Run,
    at: int | None = None,
    window: tuple[int, int] | None = None,
    *,
    unpaired: bool = False,
    discount_rate: float = DISCOUNT_RATE_A_YEAR,
) -> Comparison:
    """Compare scenario ``b`` with baseline ``a``.

    Parameters
    ----------
    at
        Calendar year of the headline; by default 2030, or the last year both runs hold when they end before.
    window
        First and last calendar year over which money, output and tax are added up; by default 2026 to ``at``.
    unpaired
        Compare the runs as independent draws.
    discount_rate
        Rate a year of the discounted money shown beside the undiscounted.

    Raises
    ------
    UserError
        When the runs cannot be compared (other places, draws or seeds; nothing in common), or do not hold the years.
    """
    pairing = pair(b, a, unpaired=unpaired)
    at, window = chosen_years(pairing.years, at, window)
    rows = build_rows(pairing, window, at)
    headline = [row for row in rows if row.headline and row.period == str(at) and row.place == rows[0].place]
    money = build_money(pairing, window, discount_rate)
    goals = _goals(pairing)
    equality = build_equality(pairing)
    setting = build_setting(b)
    limit = ceiling(b.scenario, a.scenario)
    return Comparison(
        a=_side(a),
        b=_side(b),
        setting=setting,
        at=at,
        window=window,
        n_pairs=pairing.n,
        n_dropped=pairing.dropped,
        paired=pairing.paired,
        equality=equality,
        rows=rows,
        growth=build_growth(pairing, window),
        money=money,
        value=build_value(pairing, money, at),
        additionality=build_additionality(pairing),
        take_up=build_take_up(pairing, window),
        displacement=build_displacement(pairing, window, at),
        replicates=pairing.replicates,
        goals=goals,
        notes=(
            *build_notes(pairing, setting, equality, headline, goals, window),
            *(scale_notes(b, a, headline, window, at) if pairing.paired and not equality.identical else ()),
        ),
        shortfalls=build_shortfalls(pairing),
        ceiling=limit.text("en"),
        ceiling_zh=limit.text("zh"),
        created=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def chosen_years(years: Sequence[int], at: int | None, window: tuple[int, int] | None) -> tuple[int, tuple[int, int]]:
    """Return the headline year and the window, after checking that they lie in ``years``, which the runs share."""
    held = f"the runs hold the complete years {years[0]} to {years[-1]}"
    if at is None:
        at = min(HORIZON, years[-1]) if window is None else min(window[1], years[-1])
    if at not in years:
        raise UserError(f"the year {at} is not simulated in both runs\n     {held}")
    if window is None:
        window = (max(PLAN_START, years[0]) if at >= PLAN_START else years[0], at)
    if window[0] > window[1]:
        raise UserError(f"the window {window[0]}-{window[1]} ends before it begins")
    missing = [year for year in range(window[0], window[1] + 1) if year not in years]
    if missing:
        raise UserError(f"the window {window[0]}-{window[1]} is not simulated in both runs\n     {held}")
    return at, window


def build_setting(run: Run) -> Setting:
    """Collect what is printed about the runs (taken from B; A shares it when paired)."""
    scenario, manifest = run.scenario, run.manifest
    source = drawn_from(manifest)
    places = scenario.places
    one = places[0] if len(places) == 1 else None
    industries = {place.industry: place.industry_zh for place in places}
    same_industry = next(iter(industries.items())) if len(industries) == 1 else ("", "")
    return Setting(
        seed=scenario.seed,
        draws=str(manifest["draws"]["calibration"]) if source == "fit" else "",
        drawn_from=source,
        world=scenario.world_names[0],
        world_zh=scenario.world_names[1],
        worlds=tuple(world.id for world in scenario.worlds),
        model_version=str(manifest.get("model_version", versions.MODEL_VERSION)),
        tool_version=str(manifest.get("version", versions.__version__)),
        scale=scenario.firms_per_agent,
        industry=same_industry[0],
        industry_zh=same_industry[1],
        place_name=one.name if one else f"{len(places)} places",
        place_name_zh=one.name_zh if one else f"{len(places)}个地区",
        assumed_values=sum(len(policy.assumed) for policy in scenario.policies),
        assumed_parameters=sum(info.status == "assumed" for info in parameter_table()),
    )


def _side(run: Run) -> Side:
    """Collect what is printed about one run."""
    return Side(
        id=run.scenario_id,
        name=run.scenario.name,
        name_zh=run.scenario.name_zh or run.scenario.name,
        kind=run.scenario.kind,
        hash=run.folder.name[:8],
        folder=str(run.folder),
        n_done=len(run.replicates),
    )


def _goals(pairing: Pairing) -> tuple[GoalRow, ...]:
    """Return the aims of B, then those only A has, then published ones, for the variables both runs measure."""
    goals = {goal.id: goal for goal in (*pairing.b.scenario.goals, *pairing.a.scenario.goals)}
    goals.update({goal.id: goal for goal in pairing.b.scenario.goals})
    sides = truth_of(pairing.a), truth_of(pairing.b)
    aims = aims_of(goals.values(), load_facts(), sides[1])
    return tuple(_goal_row(pairing, aim, sides) for aim in aims if aim.variable in sides[0].variables)


def _goal_row(pairing: Pairing, aim: Aim, sides: tuple[Truth, Truth]) -> GoalRow:
    """Count the runs of A and of B that reach one aim by its month, and the median month among those that do."""
    item = observable(aim.variable)
    b, a = (
        reach(aim, truth, months=pairing.months, replicates=rows.tolist())
        for truth, (_, rows) in zip(reversed(sides), pairing.sides, strict=True)
    )
    return GoalRow(
        id=aim.id,
        variable=aim.variable,
        label=item.label,
        label_zh=item.label_zh,
        unit=item.unit,
        place=aim.place or (pairing.b.places[0] if len(pairing.b.places) == 1 else ALL_PLACES),
        at_least=aim.at_least,
        by=aim.by,
        source=aim.source,
        runs_a=a.months.size,
        runs_b=b.months.size,
        prob_a=a.share,
        prob_b=b.share,
        month_a=a.middle,
        month_b=b.middle,
        ends_before=a.ends_before,
    )
