"""What could not be paid for: counted by run, and told for every policy type wherever results are told."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from sim.compare import compare
from sim.compare.money import build_shortfalls
from sim.compare.runs import pair
from sim.policies.registry import policy_types
from sim.policies.terms import Terms
from sim.report import figures
from sim.report.comparison_table import comparison_text, shared_notes, shortfall_text
from sim.report.figures.describe import shown
from sim.report.sentences import summary
from sim.report.workbook import outcomes
from sim.report.workbook.book import material_of
from sim.state.record import MONEY_STAGES
from tests.compare.fake_run import FakeRun, make_pair, make_policy, make_scenario, month, shortened
from tests.policies.every_type import TERMS
from tests.report import figures_fakes

PROMISED, PAID, UNMET = (MONEY_STAGES.index(stage) for stage in ("promised", "paid", "unmet"))
OPENS = month(2026, 7)
PARK = policy_types()["park"].terms.plain(
    **{**TERMS["park"], "build_cost": 240e6, "plots": 120,
       "phases": ({"opens": OPENS, "plots": 90}, {"opens": month(2031, 1), "plots": 30})},
)  # fmt: skip


def short_of_money(kind: str, terms: Any = None, runs: int = 24, **times: Any) -> tuple[FakeRun, FakeRun]:
    """B plans 180 million yuan in July 2026 for a policy; run r pays 120 million and r million more, and no more."""
    terms = terms or policy_types()[kind].terms.plain(**TERMS[kind])
    policy = make_policy("the-policy", type=kind, payer={"county": 1.0}, versions=((month(2026, 1), terms),), **times)
    b, a = make_pair(runs, scenario_b=make_scenario("b", policies=(policy,)))
    assert b.amounts is not None
    b.amounts[:] = 0.0
    paid = 120e6 + 1e6 * np.arange(runs)
    at = OPENS - b.first_month
    for stage, yuan in ((PROMISED, 180e6), (PAID, paid), (UNMET, 180e6 - paid)):
        b.amounts[:, at, 0, 0, stage] = yuan
    return b, a


def test_a_park_tells_the_plots_it_opened() -> None:
    (one,) = build_shortfalls(pair(*short_of_money("park", PARK)))
    assert (one.side, one.runs, one.n, one.years) == ("B", 24, 24, (2026, 2026))
    assert one.planned == pytest.approx(180e6)
    assert one.missing == pytest.approx(60e6 - 11.5e6)
    # A plot costs two million yuan; the phase of 2031 lies beyond the run.
    assert one.plots == pytest.approx((60.0, 71.5, 90.0))
    assert shortfall_text(one, "en") == (
        '"Upgrade fund" in the scenario: of 180 million yuan due, 48.5 million yuan (27%) could not be paid for want '
        "of money (2026, 24 of 24 runs); 60 to 72 of 90 plots were opened."
    )
    assert shortfall_text(one, "zh") == (
        "情形的“技改资金”应支出1.8亿元，其中4850万元（27%）因资金不足未能支付（2026年，24次推演中24次）：90块地开放了60—72块。"
    )


def test_what_is_built_when_money_comes_in_is_late_and_not_missing() -> None:
    b, a = short_of_money("digital_platform")
    assert b.amounts is not None
    at = OPENS - b.first_month
    b.amounts[:, at + 3, 0, 0, PAID] = b.amounts[:, at, 0, 0, UNMET]
    (one,) = build_shortfalls(pair(b, a))
    assert one.missing == pytest.approx(0.0, abs=1e-3)
    assert one.late == pytest.approx(48.5e6)
    assert "48.5 million yuan could be paid only later for want of money" in shortfall_text(one, "en")
    assert "4850万元因资金不足推迟支付" in shortfall_text(one, "zh")


def test_a_fund_that_pays_old_awards_makes_nothing_good() -> None:
    b, a = short_of_money("fund")
    assert b.amounts is not None
    b.amounts[:, OPENS - b.first_month + 3, 0, 0, PAID] = 1e9
    (one,) = build_shortfalls(pair(b, a))
    assert (one.missing, one.late) == pytest.approx((48.5e6, 0.0))


def test_nothing_is_said_when_all_is_paid_or_next_to_all() -> None:
    b, a = short_of_money("park", PARK)
    assert b.amounts is not None
    b.amounts[..., UNMET] *= 0.0
    assert build_shortfalls(pair(b, a)) == ()
    b.amounts[:, OPENS - b.first_month, 0, 0, UNMET] = 0.002 * 180e6
    assert build_shortfalls(pair(b, a)) == ()


def test_a_shortfall_of_both_runs_is_told_once() -> None:
    b, a = short_of_money("fair")
    a = replace(a, scenario=replace(a.scenario, policies=b.scenario.policies), amounts=b.amounts)
    (one,) = build_shortfalls(pair(b, a))
    assert one.side == "both"
    assert "in scenario and baseline" in shortfall_text(one, "en")
    assert "情形和基准的" in shortfall_text(one, "zh")
    assert b.amounts is not None
    b = replace(b, amounts=b.amounts * 0.9)
    assert [one.side for one in build_shortfalls(pair(b, a))] == ["B", "A"]


def test_months_that_one_run_lacks_do_not_count() -> None:
    b, a = short_of_money("park", PARK)
    assert build_shortfalls(pair(b, shortened(a, month(2025, 12)))) == ()


def test_every_type_that_spends_says_what_became_of_it_in_its_own_words() -> None:
    own = {name for name, known in policy_types().items() if known.terms.carried_out is not Terms.carried_out}
    assert own == set(policy_types()) - {"upgrade_drive"}


@pytest.mark.parametrize("kind", sorted(policy_types()))
def test_every_type_is_told_in_table_sentences_and_notes(kind: str) -> None:
    b, a = short_of_money(kind, PARK if kind == "park" else None)
    found = compare(b, a)
    (one,) = found.shortfalls
    assert one.type == kind
    for language in ("en", "zh"):
        text = shortfall_text(one, language)
        assert "{" not in text
        assert ("48.5 million" if language == "en" else "4850万元") in text
        assert ("67% to 79%" in text or "67%—79%" in text) is (kind not in ("park", "trade_park"))
        assert comparison_text(found, language).count(text) == 1
        assert summary(found, language).count(text) == 1
        assert text in shared_notes([found], language)
        assert text in shown((b, a), language).remarks


def test_figures_and_the_first_sheet_carry_it() -> None:
    park = replace(
        figures_fakes.baseline_policies()[0], id="z-park", versions=((figures_fakes.month("2017-06"), PARK),)
    )
    b, a = figures_fakes.pair(24)
    b.scenario = replace(b.scenario, policies=(*b.scenario.policies, park))
    usual = b.money
    b.money = lambda: _unpaid(usual())  # type: ignore[method-assign]
    found = compare(b, a)
    (one,) = found.shortfalls
    for language in ("en", "zh"):
        text = shortfall_text(one, language)
        for drawn in (
            figures.fan((b, a), "employment", language),
            figures.differences((b, a), language, comparison=found),
            figures.value_for_money([found], language),
            figures.timeline((b, a), language),
            figures.funnel((b, a), language),
        ):
            words = "".join(part.get_text() for part in drawn.figure.texts).replace(" ", "").replace("\n", "")
            assert text.replace(" ", "") in words, drawn.stem
        lines = outcomes._lines(found, material_of(found, (b, a), language))
        assert not any(text in line for line in lines)


def _unpaid(amounts: np.ndarray) -> np.ndarray:
    """Half of what the last policy plans in each month from 2026 on is not paid."""
    amounts[:, -60:, -1, :, UNMET] = 0.5 * amounts[:, -60:, -1, :, PROMISED]
    amounts[:, -60:, -1, :, PAID] *= 0.5
    return amounts
