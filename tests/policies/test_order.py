"""The order of blocks in a file changes nothing: not a bit of a run, and not who is paid when money is short."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.agents.governments import Purse
from sim.model import ClusterModel
from sim.parameters import Parameters
from sim.policies import acting
from sim.policies.registry import policy_types
from sim.scenario.content_hash import scenario_hash
from sim.scenario.loader import load
from sim.scenario.resolved import Policy
from tests.policies.as_files import BODIES
from tests.policies.every_type import TERMS, usual
from tests.policies.playing import FIRST, SEED, Played, county, parameters
from tests.policies.test_public_money import SPENDING
from tests.policies.trading import same_to_the_bit

KINDS = sorted(policy_types())
POOR = 2e6
"""Yuan of the county: less than nearly any two policies plan."""
BLOCK = """
[[policy]]
id = "{id}"
type = "{kind}"
name = "{id}"
name_zh = "{id}"
source = "hypothetical"
start = "2026-02"
{payer}
{body}
"""


def spending(kind: str, **changes: Any) -> Policy:
    """Return a policy of a type that spends public money, if it can, from the first March on."""
    events = {"every": {"month": 3}} if kind in ("fair", "exhibition") else {}
    park = {"phases": ({"opens": FIRST + 2, "plots": 40},)} if kind == "park" else {}
    return usual(kind, base={**TERMS[kind], **SPENDING.get(kind, {}), **events, **park, **changes})


def settings(**changes: float) -> Parameters:
    """Return parameters with a short burn-in and a county without receipts."""
    return parameters(start__settle_months=2.0, government__programme_share=0.0, **changes)


def played(policies: Iterable[Policy], months: int = 4) -> Played:
    """Return a run of the poor county in rows of fifty firms."""
    what = county(policies, months=months, scale=50, county_balance=POOR)
    return Played(ClusterModel(what, settings(), SEED)).finish()


@pytest.mark.parametrize(("one", "other"), list(itertools.combinations(KINDS, 2)))
def test_two_policies_in_either_order_run_alike(one: str, other: str) -> None:
    policies = [spending(one), spending(other)]
    first, second = (played(order) for order in (policies, policies[::-1]))
    assert same_to_the_bit(first, second)
    assert np.array_equal(first.record.money, second.record.money)


def test_all_policies_in_either_order_run_alike() -> None:
    policies = [spending(kind) for kind in KINDS]
    first, second = (played(order, months=14) for order in (policies, policies[7:] + policies[6::-1]))
    assert same_to_the_bit(first, second)
    assert np.array_equal(first.record.money, second.record.money)
    assert np.array_equal(first.record.purchases, second.record.purchases)
    assert first.monthly("public_money_unmet").sum() > POOR


@pytest.mark.parametrize("kind", KINDS)
def test_two_policies_of_a_type_run_alike_whichever_is_named_first(kind: str) -> None:
    twins = [Policy(**{**vars(spending(kind)), "id": name}) for name in ("b", "a")]
    assert same_to_the_bit(*(played(order) for order in (twins, twins[::-1])))


def test_a_file_with_all_types_is_the_same_scenario_in_any_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "scenarios").mkdir()
    blocks = [
        BLOCK.format(
            id=f"p-{kind.replace('_', '-')}",
            kind=kind,
            body=BODIES[kind],
            payer="" if kind == "upgrade_drive" else 'payer = "province"',
        )
        for kind in KINDS
    ]
    found = []
    for order in (blocks, blocks[::-1], blocks[5:] + blocks[:5]):
        head = 'schema = 1\nid = "mine"\nextends = "yongnian-2023"\nkind = "what-if"\nname = "Mine"\nname_zh = "我的"\n'
        (tmp_path / "scenarios" / "mine.toml").write_text(head + "".join(order), encoding="utf-8")
        found.append(load("mine").scenario)
    assert found[0].policies == found[1].policies == found[2].policies
    assert len({scenario_hash(scenario) for scenario in found}) == 1


# --- a short purse --------------------------------------------------------------------------------------------------


def paid_in_march(policies: Iterable[Policy], backwards: bool, balance: float) -> np.ndarray:
    """Return what each policy was paid in the first March, with institutions that act in turn or in reverse."""
    what = county(policies, months=4, scale=50, county_balance=balance)
    model = ClusterModel(what, settings(), SEED)
    if backwards:
        model.institutions.reverse()
    run = Played(model).step(3)
    return np.array([run.money("paid", number)[2] for number in range(len(what.policies))])


def test_a_short_purse_is_shared_in_proportion_to_plans_whoever_acts_first() -> None:
    """A platform of 20 million and a logistics park of 120 million: each gets its seventh or six of seven parts."""
    platform = spending("digital_platform", set_up_cost=20e6, run_cost=0.0, joining_subsidy=0.0)
    park = spending("trade_park", build_cost=120e6)
    later = [Policy(**{**vars(policy), "start": FIRST + 2}) for policy in (platform, park)]
    for backwards in (False, True):
        paid = paid_in_march(later, backwards, balance=70e6)
        had = paid.sum()
        assert had == pytest.approx(70e6, rel=0.05)
        assert paid == pytest.approx([had / 7.0, had * 6.0 / 7.0], rel=1e-9)


def test_who_acts_first_is_paid_no_more_of_a_short_purse() -> None:
    policies = [Policy(**{**vars(spending(kind)), "start": FIRST + 2}) for kind in KINDS]
    policies = [Policy(**{**vars(p), "versions": ((FIRST + 2, p.versions[0][1]),)}) for p in policies]
    forwards, backwards = (paid_in_march(policies, back, balance=5e6) for back in (False, True))
    assert forwards.sum() > 0.5 * 5e6
    assert backwards == pytest.approx(forwards, rel=0.02)


def test_sharing_changes_no_bit_where_money_suffices(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if every policy could draw on the whole account."""
    what = county([spending(kind) for kind in KINDS], months=14, scale=50, county_balance=1e9)
    shared = Played(ClusterModel(what, settings(), SEED)).finish()
    monkeypatch.setattr(acting, "Purse", lambda model, plans: Purse(model))
    whole = Played(ClusterModel(what, settings(), SEED)).finish()
    assert same_to_the_bit(shared, whole)
    assert np.array_equal(shared.record.money, whole.record.money)
    assert shared.monthly("public_money_paid").sum() > 1e7
    assert shared.monthly("public_money_unmet").sum() == pytest.approx(0.0, abs=1e-3)
