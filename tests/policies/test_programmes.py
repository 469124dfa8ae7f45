"""What programmes of skills, research, upgrading and design have in common."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sim.observables import INDEX
from sim.policies.registry import policy_types
from sim.scenario.loader import load
from sim.scenario.writing import value_text
from tests.policies.playing import FIRST, Played, begun, parameters, played, policy
from tests.policies.programmes import FILES, RICH, TERMS, begun_rich, end_state, nothing_of, programme, touched
from tests.scenario.written import policy_of

KINDS = sorted(TERMS)
TOUCHES = {
    "training": {
        "firms.cash", "firms.fees", "places.skill", "places.skill_premium", "places.upgrade_success", "places.renown",
        "places.skilled",
    },
    "research_partnership": {"firms.cash", "firms.fees", "firms.aware", "firms.brand", "places.upgrade_success"},
    "upgrade_drive": {"firms.aware", "firms.emission", "places.upgrade_success"},
    "brand_design": {"firms.cash", "firms.fees", "firms.brand", "places.renown"},
}  # fmt: skip
"""Columns a programme changes: money paid, and the levers it works through."""


@pytest.fixture(scope="module")
def alone() -> Played:
    """Return two years without any programme."""
    return played(**RICH)


@pytest.mark.parametrize("kind", KINDS)
def test_a_programme_of_nothing_is_no_programme_to_the_bit(kind: str, alone: Played) -> None:
    empty = played([nothing_of(kind)], **RICH)
    assert end_state(empty) == end_state(alone)
    assert np.array_equal(empty.record.monthly, alone.record.monthly)
    assert empty.record.money.sum() == 0.0


@pytest.mark.parametrize("kind", KINDS)
def test_months_before_the_start_are_untouched(kind: str, alone: Played) -> None:
    late = played([programme(kind, start=FIRST + 7)], **RICH)
    assert np.array_equal(late.record.monthly[:7], alone.record.monthly[:7])
    assert end_state(late) != end_state(alone)


@pytest.mark.parametrize("kind", KINDS)
def test_a_programme_works_through_its_levers_alone(kind: str) -> None:
    assert touched(begun_rich(programme(kind)), 24) == TOUCHES[kind]


@pytest.mark.parametrize("kind", KINDS)
def test_runs_repeat_to_the_bit(kind: str) -> None:
    one, two = (played([programme(kind)], months=12, **RICH) for _ in range(2))
    assert end_state(one) == end_state(two)


@pytest.mark.parametrize("kind", KINDS)
def test_its_place_in_the_file_does_not_shift_its_draws(kind: str) -> None:
    idle = policy("fair", booths=0)
    one, two = played([programme(kind)], months=12, **RICH), played([idle, programme(kind)], months=12, **RICH)
    assert end_state(one) == end_state(two)


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"upgrade_drive"}))
def test_every_public_yuan_is_booked(kind: str) -> None:
    run = played([programme(kind, payer={"county": 0.5, "province": 0.5})], **RICH)
    for payer, account in (("county", "county:yongnian"), ("province", "province:13")):
        assert run.money("paid", 0, payer) == pytest.approx(run.left(account), rel=1e-9, abs=1e-6)
    assert run.money("paid").sum() > 0.0
    assert run.money("paid", 0, "county") == pytest.approx(run.money("paid", 0, "province"), abs=1e-4)
    assert run.monthly("public_money_paid") == pytest.approx(run.money("paid"), abs=1e-4)
    assert run.money("unmet").sum() == 0.0


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"upgrade_drive"}))
def test_a_county_without_money_does_less_and_owes_nothing(kind: str) -> None:
    poor = begun(
        [programme(kind)], settings=parameters(government__programme_share=0.0), county_balance=250e3
    ).finish()  # fmt: skip
    assert poor.money("paid").sum() == pytest.approx(250e3, rel=0.01)
    assert poor.money("unmet").sum() > 0.0
    assert poor.lowest["county:yongnian"] >= -1e-6
    assert poor.monthly("public_money_unmet") == pytest.approx(poor.money("unmet"), abs=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_a_programme_has_an_end(kind: str) -> None:
    kept, ended = (played([programme(kind, end=end)], **RICH) for end in (None, FIRST + 11))
    own = ("trained", "research_projects", "firms_visited", "design_services")
    # A drive with an end is done by then, so its visits are closer together.
    if kind != "upgrade_drive":
        assert np.array_equal(kept.record.monthly[:12], ended.record.monthly[:12])
    assert sum(ended.monthly(name)[12:].sum() for name in own) == 0.0
    assert sum(kept.monthly(name)[12:].sum() for name in own) > 0.0
    assert ended.money("paid")[12:].sum() == 0.0


@pytest.mark.parametrize("kind", KINDS)
def test_its_terms_can_be_read_from_a_file_and_written_back(kind: str, tmp_path: Path) -> None:
    text = (
        'schema = 1\nid = "mine"\nextends = "yongnian-2023"\nkind = "what-if"\nname = "Mine"\n[[policy]]\nid = "new"\n'
    )
    text += f'type = "{kind}"\nname = "New"\nstart = "2026-01"\nsource = "hypothetical"\n'
    text += 'payer = "county"\n' if policy_types()[kind].terms.needs_payer else ""
    (tmp_path / "mine.toml").write_text(text + FILES[kind], encoding="utf-8")
    terms = policy_of(load(str(tmp_path / "mine.toml")).scenario, "new").versions[0][1]
    assert type(terms).type_name == kind
    assert value_text(terms).count("=") >= FILES[kind].count("=")


def test_what_they_count_has_a_name() -> None:
    for name in (
        "trained", "skilled_workers", "research_projects", "research_successes", "firms_visited", "drive_upgrades",
        "design_services", "designs_launched",
    ):  # fmt: skip
        assert name in INDEX
