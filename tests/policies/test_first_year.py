"""What an instrument can do in its first year: never more than arithmetic allows, whatever its type and size.

Each ceiling is worked out from the terms, from how far the instrument got, and from parameters: machines bought with a
grant all stand idle capacity at once, every contact becomes a customer for the whole year, every firm reached takes the
step it is offered at once. What really comes is less, as firms would have bought anyway, buyers only try, and much is
taken from neighbours.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

import numpy as np
import pytest

from sim.policies.registry import policy_types
from tests.policies.every_type import TERMS, dosed, run, usual
from tests.policies.playing import FIRST, Played, parameters

PAIRS = 3
NOISE = 0.0005
"""Part of a year's output by which two runs of the small county may differ because other firms meet other buyers."""


@cache
def without(number: int) -> Played:
    """Return a year without any policy."""
    return run([], number=number)


@cache
def with_policy(kind: str, times: float, number: int) -> Played:
    """Return the same year with a policy from its first month on."""
    return run([dosed(kind, times)], number=number)


def output(played: Played) -> float:
    """Return the output of the year, yuan."""
    return float(played.monthly("output_value").sum())


def moved(kind: str, times: float) -> float:
    """Return by how much a policy moves the output of its first year, mean of the pairs, yuan."""
    return float(np.mean([output(with_policy(kind, times, k)) - output(without(k)) for k in range(PAIRS)]))


# --- ceilings ---------------------------------------------------------------------------------------------------------


def made_with(played: Played, equipment: float) -> float:
    """Return what makers could produce in a year with equipment of some yuan, all of it at full use."""
    p = played.model.state.parameters
    return float(equipment / p.maker.capital_output_ratio / p.production.normal_use)


def rungs(played: Played) -> float:
    """Return by how much orders of a maker rise that climbs as far as one can at once, over its orders."""
    p = played.model.state.parameters
    gain = p.technology.rungs_at_once * (p.technology.rung_productivity + p.technology.rung_quality)
    return float(p.demand.elasticity_suppliers * gain)


def of_makers(played: Played, number: float) -> float:
    """Return the output of so many makers of mean size, yuan."""
    return output(played) * number / float(played.monthly("makers")[0])


def found_by_search(played: Played) -> float:
    """Return the output that goes to ties made within the year, yuan: what easier search can move at most."""
    links = played.model.state.parameters.links
    return output(played) * (1.0 - min(links.domestic_survival, links.foreign_survival))


def of_fund(played: Played, base: Played) -> float:
    """Every machine that was granted money for stands beside those there would have been."""
    terms = played.institution().terms
    return made_with(played, terms.annual_budget / terms.grant_share)


def of_park(played: Played, base: Played) -> float:
    """Every plot that is taken holds a plant there would not have been."""
    plots = float(played.monthly("park_plots_used").max())
    return made_with(played, plots * played.model.state.parameters.park.capital_per_plot)


def of_fair(played: Played, base: Played) -> float:
    """All intended orders are delivered, and none of them would have been placed otherwise."""
    return float(played.monthly("fair_intended_orders").sum())


def of_exhibition(played: Played, base: Played) -> float:
    """Everybody met orders all year as much as a foreign customer does on average."""
    buyers = played.model.state.buyers
    ties = float((buyers.weight * (buyers.supplier >= 0).sum(axis=1))[buyers.foreign == 1].sum())
    return float(played.monthly("exhibition_contacts").sum() * played.monthly("exports").sum() / ties)


def of_dealers(played: Played, base: Played) -> float:
    """All that is sold through the network, and what those buyers take from the county in place of others."""
    stays = 1.0 / (1.0 - played.model.state.parameters.links.same_county)
    return stays * float(played.monthly("dealer_sales").sum()) + NOISE * output(base)


def of_platform(played: Played, base: Played) -> float:
    """All that is sold over it, and what buyers add where materials and deliveries cost less."""
    p = played.model.state.parameters
    materials = 1.0 / (1.0 + p.maker.markup) - p.maker.labour_share
    cheaper = p.platform.purchase_saving * materials + p.platform.delivery_part * p.maker.overhead_share
    return float(played.monthly("platform_sales").sum() + p.demand.elasticity_outside * cheaper * output(base))


def of_training(played: Played, base: Played) -> float:
    """All the work that trained people save is turned into goods."""
    share = played.monthly("skilled_workers")[-1] / played.monthly("employment")[-1]
    return float(played.model.state.parameters.training.trained_gain * share * output(base))


def of_research(played: Played, base: Played) -> float:
    """Every maker that partners talk to climbs at once, and every project of the year has succeeded already."""
    terms, research = played.institution().terms, played.model.state.parameters.research
    heard = research.firms_per_partner * terms.partners + terms.projects_per_year
    return rungs(played) * of_makers(base, heard)


def of_drive(played: Played, base: Played) -> float:
    """Every maker visited climbs at once."""
    return rungs(played) * of_makers(base, played.monthly("firms_visited").sum())


def of_cloud(played: Played, base: Played) -> float:
    """Every member climbs at once, on the output of the firms that are members."""
    members, firms = played.institution().members, played.model.state.firms
    return rungs(played) * float((firms.weight[members] * firms.revenue_year[members]).sum())


def of_design(played: Played, base: Played) -> float:
    """Every design succeeds at once, and the campaign steers all that is searched for."""
    p, firms = played.model.state.parameters, played.model.state.firms
    rows = np.array(sorted(played.institution().last_order))
    served = float((firms.weight[rows] * firms.revenue_year[rows]).sum())
    weight = (p.demand.elasticity_suppliers - 1.0) * (1.0 + p.demand.piece_quality)
    better = float(np.exp(weight * p.design.design_quality)) - 1.0
    return better * served + p.design.campaign_renown * found_by_search(base)


def of_designation(played: Played, base: Played) -> float:
    """The name draws so many more entrants of mean size, and steers so much of what is searched for."""
    settings = played.model.state.parameters.designation
    entrants = of_makers(base, settings.name_pull * float(base.monthly("entries").sum()))
    return entrants + settings.name_renown * found_by_search(base)


def of_project(played: Played, base: Played) -> float:
    """All that was signed has arrived, stands and finds its customers at once."""
    return made_with(played, played.institution().terms.value)


def of_trade_park(played: Played, base: Played) -> float:
    """What tenants save on deliveries is spent on goods; what is sold through shops comes on top."""
    p = played.model.state.parameters
    saved = p.trade_park.delivery_saving * p.maker.overhead_share * output(base)
    return saved + float(played.monthly("e_commerce_sales").sum())


CEILINGS: Mapping[str, Callable[[Played, Played], float]] = {
    "brand_design": of_design, "cloud_drive": of_cloud, "dealer_network": of_dealers, "designation": of_designation,
    "digital_platform": of_platform, "exhibition": of_exhibition, "fair": of_fair, "fund": of_fund, "park": of_park,
    "project": of_project, "research_partnership": of_research, "trade_park": of_trade_park, "training": of_training,
    "upgrade_drive": of_drive,
}  # fmt: skip
MOST: Mapping[str, float] = {"fund": 0.02, "project": 0.04, "park": 0.02}
"""Part of a year's output that the usual policy may move at most; for types that are not named 0.005. Assumed: guards,
not findings."""


def test_every_type_has_a_ceiling() -> None:
    assert set(CEILINGS) == set(TERMS) == set(policy_types())


@pytest.mark.parametrize("times", [1.0, 4.0])
@pytest.mark.parametrize("kind", sorted(CEILINGS))
def test_the_first_year_stays_below_the_arithmetic_ceiling(kind: str, times: float) -> None:
    ceilings = [CEILINGS[kind](with_policy(kind, times, k), without(k)) for k in range(PAIRS)]
    reach = policy_types()[kind].terms.reach
    assert min(with_policy(kind, times, k).monthly(reach).sum() for k in range(PAIRS)) > 0.0
    assert min(ceilings) > 0.0
    assert abs(moved(kind, times)) <= np.mean(ceilings)


@pytest.mark.parametrize("kind", sorted(CEILINGS))
def test_the_usual_policy_moves_its_first_year_little(kind: str) -> None:
    base = np.mean([output(without(k)) for k in range(PAIRS)])
    assert abs(moved(kind, 1.0)) <= MOST.get(kind, 0.005) * base


@pytest.mark.parametrize("scope", ["places", "firms"])
def test_a_name_without_money_moves_nothing_beyond_its_eligibility(scope: str) -> None:
    """With what a name does by itself at zero, only who may apply for what is different: nothing moves, to the bit."""
    nothing = parameters(
        designation__name_pull=0.0, designation__name_renown=0.0, designation__application_cost=0.0,
        links__honour_visibility=0.0,
    )  # fmt: skip
    firms = {"scope": "firms", "honour": "little_giant", "select": "lottery", "count": 20}
    name = usual("designation", start=FIRST + 1, **(firms if scope == "firms" else {}))
    named, unnamed = (run(policies, months=18, settings=nothing) for policies in ([name], []))
    assert named.monthly("designations").sum() > 0.0
    for observable in ("output_value", "employment", "exports", "businesses", "investment", "tax_paid"):
        assert np.array_equal(named.monthly(observable), unnamed.monthly(observable)), observable
    assert named.monthly("public_money_paid").sum() == 0.0
