"""The ledger: money only moves, every month closes, and a leak planted anywhere stops the run."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.model import SimulationError, simulate
from sim.month import market
from sim.observables import INDEX
from sim.state import ledger as book
from sim.state.ledger import (
    BANKS,
    FIRMS,
    HOUSEHOLDS,
    LOCAL_TRADE,
    PARK_RECEIPTS,
    SECTORS,
    STATE,
    TAX_COLLECTED,
    Ledger,
    LedgerError,
)  # fmt: skip
from sim.state.record import MONEY_STAGES, PAYERS
from tests.model_fixtures import SEED, all_rows, quick_model, quick_parameters, quick_scenario, scenario, some_firms
from tests.policies.playing import GENERAL

yuan = st.floats(0.0, 1e12)
others = st.sampled_from([name for name in SECTORS if name not in (FIRMS, LOCAL_TRADE, PARK_RECEIPTS)])


def opened(rows: int = 4, **values: Any) -> tuple[Ledger, Any]:
    """Return a ledger and firms without money."""
    return Ledger(["county:east"]), some_firms(rows, cash=0.0, **values)


# --- moving money ---------------------------------------------------------------------------------------------------


def test_a_transfer_moves_the_sum_from_one_account_to_the_other() -> None:
    accounts, _ = opened()
    assert accounts.transfer(STATE, "county:east", 250.0, "transfers") == 250.0
    assert accounts.balances[STATE] == -250.0
    assert accounts.balances["county:east"] == 250.0
    assert (accounts.turnover, accounts.purposes) == (250.0, {"transfers": 250.0})


def test_money_to_firms_counts_every_firm_of_a_row() -> None:
    accounts, firms = opened(weight=[1.0, 50.0, 3.0, 1.0])
    moved = accounts.transfer(HOUSEHOLDS, FIRMS, np.array([10.0, 2.0]), "opening", firms, np.array([0, 1]))
    assert moved == 10.0 + 50.0 * 2.0
    assert firms.cash.tolist() == [10.0, 2.0, 0.0, 0.0]
    assert accounts.balances[FIRMS] == -accounts.balances[HOUSEHOLDS] == 110.0
    assert accounts.close(firms, 4) == 0.0


def test_a_row_named_twice_pays_twice() -> None:
    accounts, firms = opened()
    accounts.transfer(HOUSEHOLDS, FIRMS, 100.0, "opening", firms, all_rows(firms))
    accounts.transfer(FIRMS, BANKS, np.array([5.0, 5.0]), "interest", firms, np.array([2, 2]))
    assert firms.cash.tolist() == [100.0, 100.0, 90.0, 100.0]
    accounts.close(firms, 4)


def test_one_amount_for_several_rows_is_paid_by_each() -> None:
    accounts, firms = opened(weight=[1.0, 2.0, 1.0, 1.0])
    assert accounts.transfer(BANKS, FIRMS, 7.0, "loans", firms, np.array([0, 1])) == 21.0
    accounts.close(firms, 4)


def test_the_months_flows_are_booked_by_purpose_and_direction() -> None:
    accounts, firms = opened(2, weight=[1.0, 10.0])
    firms.cash[:] = [70.0, 15.0]
    accounts.post([300.0, -80.0, 0.0], (("sales", HOUSEHOLDS), ("wages", HOUSEHOLDS), ("nothing", BANKS)))
    assert accounts.balances[FIRMS] == -accounts.balances[HOUSEHOLDS] == 220.0
    assert accounts.purposes == {"sales": 300.0, "wages": 80.0, "nothing": 0.0}
    assert accounts.turnover == 380.0
    accounts.close(firms, 2)
    assert accounts.purposes == {}


def test_every_flow_needs_its_route() -> None:
    accounts, _ = opened(3)
    with pytest.raises(ValueError, match="zip"):
        accounts.post([4.0, 5.0], (("sales", HOUSEHOLDS),))


@given(st.lists(st.tuples(st.sampled_from(["county:east", "county:west"]), yuan), max_size=30))
def test_many_transfers_at_once_have_the_bits_of_one_after_the_other(wanted: list[tuple[str, float]]) -> None:
    one, other = (Ledger(["county:east", "county:west"]) for _ in range(2))
    accounts, amounts = one.numbers(name for name, _ in wanted), np.array([amount for _, amount in wanted])
    one.transfer_each(STATE, accounts, amounts, "transfers")
    one.transfer_each(accounts, HOUSEHOLDS, 0.3 * amounts, "services")
    for name, amount in wanted:
        other.transfer(STATE, name, amount, "transfers")
    for name, amount in wanted:
        other.transfer(name, HOUSEHOLDS, 0.3 * amount, "services")
    assert dict(one.balances) == dict(other.balances)
    assert one.purposes.get("services", 0.0) == pytest.approx(other.purposes.get("services", 0.0))
    assert one.turnover == pytest.approx(other.turnover)


def test_firms_of_several_places_pay_place_by_place() -> None:
    (one, firms), (other, same) = (opened(60, weight=1.0 + np.arange(60) % 7) for _ in range(2))
    rows, each, parts = all_rows(firms), np.linspace(0.1, 9.7, 60), np.array([0, 13, 50])
    moved = one.transfer(FIRMS, BANKS, each, "fees", firms, rows, parts)
    singly = [other.transfer(FIRMS, BANKS, each[part], "fees", same, part) for part in np.split(rows, parts[1:])]
    assert moved == pytest.approx(sum(singly))
    assert dict(one.balances) == dict(other.balances)
    assert (firms.cash == same.cash).all()


# --- refusals -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("amount", [-1.0, -1e-300, math.nan, math.inf, -math.inf])
def test_an_amount_that_is_negative_or_no_number_is_refused_and_nothing_moves(amount: float) -> None:
    accounts, firms = opened()
    with pytest.raises(LedgerError, match="gift: state -> households: an amount must be finite and not negative"):
        accounts.transfer(STATE, HOUSEHOLDS, amount, "gift")
    with pytest.raises(LedgerError, match="an amount must be finite"):
        accounts.transfer(STATE, FIRMS, np.array([1.0, amount]), "grants", firms, np.array([0, 1]))
    with pytest.raises(LedgerError, match="an amount must be finite"):
        accounts.transfer_each(STATE, accounts.numbers(["county:east"]), np.array([amount]), "transfers")
    assert set(accounts.balances.values()) == {0.0}
    assert not firms.cash.any()
    assert (accounts.turnover, accounts.purposes) == (0.0, {})


def test_firms_pay_only_by_row_and_never_themselves() -> None:
    accounts, firms = opened()
    rows = all_rows(firms)
    for words in (
        {"source": FIRMS, "target": BANKS, "amount": 1.0},
        {"source": BANKS, "target": FIRMS, "amount": 1.0, "firms": firms},
        {"source": FIRMS, "target": FIRMS, "amount": 1.0, "firms": firms, "rows": rows},
    ):
        with pytest.raises(LedgerError, match="the firms' rows are missing"):
            accounts.transfer(purpose="odd", **words)  # type: ignore[arg-type]
    with pytest.raises(LedgerError, match="one amount is needed between accounts"):
        accounts.transfer(BANKS, STATE, np.ones(2), "odd")
    assert accounts.turnover == 0.0


def test_an_account_that_does_not_exist_is_refused() -> None:
    with pytest.raises(KeyError):
        Ledger().transfer(STATE, "county:nowhere", 1.0, "transfers")
    with pytest.raises(KeyError):
        Ledger().transfer_each("county:nowhere", np.zeros(1, np.int64), np.ones(1), "transfers")


# --- closing --------------------------------------------------------------------------------------------------------


def test_money_that_appears_in_a_firm_is_found() -> None:
    accounts, firms = opened()
    accounts.transfer(HOUSEHOLDS, FIRMS, 1e6, "opening", firms, all_rows(firms))
    firms.cash[1] += 0.01
    with pytest.raises(LedgerError, match=r"firms' cash against their account is off by 0\.01 yuan"):
        accounts.close(firms, 4)


def test_cash_of_rows_given_out_counts_and_no_more() -> None:
    accounts, firms = opened()
    firms.cash[3] = 5.0
    accounts.close(firms, 3)
    with pytest.raises(LedgerError):
        accounts.close(firms, 4)


def test_an_account_changed_on_one_side_is_found() -> None:
    accounts, firms = opened()
    accounts.transfer(STATE, HOUSEHOLDS, 1e6, "transfers")
    accounts.yuan[accounts.number[HOUSEHOLDS]] -= 1.0
    with pytest.raises(LedgerError, match="the sum of all accounts is off by -1 yuan"):
        accounts.close(firms, 4)


@pytest.mark.parametrize(
    ("account", "words"), [(LOCAL_TRADE, "trade among local firms"), (PARK_RECEIPTS, "park receipts")]
)
def test_a_clearing_account_must_be_empty(account: str, words: str) -> None:
    accounts, firms = opened()
    accounts.transfer(STATE, account, 3.0, "half a trade")
    with pytest.raises(LedgerError, match=f"{words} is off by 3 yuan"):
        accounts.close(firms, 4)
    accounts.transfer(account, HOUSEHOLDS, 3.0, "the other half")
    accounts.close(firms, 4)


def test_a_flow_that_is_no_number_is_found_when_the_month_closes() -> None:
    accounts, firms = opened()
    firms.cash[2] = math.nan
    accounts.post([math.nan], (("sales", HOUSEHOLDS),))
    with pytest.raises(LedgerError):
        accounts.close(firms, 4)


def test_a_month_that_does_not_close_keeps_its_purposes() -> None:
    accounts, firms = opened()
    accounts.transfer(STATE, LOCAL_TRADE, 3.0, "half a trade")
    with pytest.raises(LedgerError):
        accounts.close(firms, 4)
    assert accounts.purposes == {"half a trade": 3.0}


# --- properties -----------------------------------------------------------------------------------------------------


@given(
    st.lists(st.tuples(others, others, yuan), max_size=40),
    st.lists(st.tuples(others, st.booleans(), st.lists(yuan, min_size=3, max_size=3)), max_size=20),
)
def test_any_transfers_add_up_to_zero(between: list[Any], firms_too: list[Any]) -> None:
    accounts, firms = opened(3, weight=[1.0, 50.0, 200.0])
    for source, target, amount in between:
        accounts.transfer(source, target, amount, "between accounts")
    for account, pays, amounts in firms_too:
        source, target = (FIRMS, account) if pays else (account, FIRMS)
        accounts.transfer(source, target, np.array(amounts), "with firms", firms, all_rows(firms))
    assert accounts.close(firms, 3) <= book.TOLERANCE
    assert abs(sum(accounts.balances.values())) <= 1e-12 * max(accounts.turnover, 1.0)


@given(st.lists(st.lists(st.floats(-1e9, 1e9), min_size=4, max_size=4), min_size=1, max_size=12))
def test_any_flows_add_up_to_zero(table: list[list[float]]) -> None:
    flows = np.array(table)
    accounts, firms = opened(len(table), weight=np.arange(1.0, len(table) + 1.0))
    routes = [
        (f"purpose {number}", account) for number, account in enumerate((HOUSEHOLDS, BANKS, STATE, "county:east"))
    ]
    totals = firms.weight @ flows
    accounts.post(totals.tolist(), routes)
    firms.cash[:] = flows.sum(axis=1)
    assert accounts.balances[FIRMS] == pytest.approx(totals.sum(), rel=1e-9, abs=1e-3)
    accounts.close(firms, len(table))


# --- a real run -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("reference", ["yongnian-2023", "yongnian-fair2x-fund200m"])
def test_every_month_of_a_run_closes(reference: str, monkeypatch: pytest.MonkeyPatch) -> None:
    months: list[tuple[float, float, float]] = []
    close = Ledger.close

    def noted(self: Ledger, firms: Any, count: int) -> float:
        cash = math.fsum((firms.weight[:count] * firms.cash[:count]).tolist())
        gap = max(abs(math.fsum(self.balances.values())), abs(cash - self.balances[FIRMS]))
        months.append((self.turnover, gap, close(self, firms, count)))
        return months[-1][2]

    monkeypatch.setattr(Ledger, "close", noted)
    simulate(scenario(reference, end="2026-12"), quick_parameters(), SEED)
    assert len(months) == 12 + 48
    turnover = np.diff([0.0, *(month[0] for month in months)])
    assert turnover.min() > 1e9
    for spent, (_, gap, _) in zip(turnover, months, strict=True):
        assert gap <= 1e-12 * spent


def test_tax_collected_is_shared_out_the_month_after() -> None:
    model = quick_model()
    for _ in range(4):
        model.step()
        assert model.state.tax_due[0] > 0.0
        assert model.state.ledger.balances[TAX_COLLECTED] == pytest.approx(model.state.tax_due[0], rel=1e-9)


def test_accounts_of_governments_reconcile_to_their_programmes(monkeypatch: pytest.MonkeyPatch) -> None:
    model = quick_model("yongnian-fair2x-fund200m", end="2027-12")
    paid: dict[str, float] = {}
    transfer = Ledger.transfer

    def noted(self: Ledger, source: str, target: str, amount: Any, purpose: str, *words: Any) -> float:
        moved = transfer(self, source, target, amount, purpose, *words)
        if source.startswith(("county:", "province:")) and purpose not in GENERAL:
            level = source.partition(":")[0]
            paid[level] = paid.get(level, 0.0) + moved
        return moved

    monkeypatch.setattr(Ledger, "transfer", noted)
    for month in range(60):
        paid.clear()
        model.step()
        booked = model.notebook.public_money[month, :, :, MONEY_STAGES.index("paid")].sum(axis=0)
        assert booked == pytest.approx([paid.get(level, 0.0) for level in PAYERS], rel=1e-9)
        assert model.notebook.monthly[month, 0, INDEX["public_money_paid"]] == pytest.approx(booked.sum())
        assert all(government.balance >= 0.0 for government in model.governments.values())
    assert model.notebook.public_money[:, :, 1, MONEY_STAGES.index("paid")].sum() > 0.0


def test_a_leak_in_the_firms_cash_stops_the_month() -> None:
    model = quick_model()
    model.step()
    model.state.firms.cash[model.state.live[7]] += 10.0
    with pytest.raises(LedgerError, match="firms' cash"):
        model.step()


def test_a_leak_in_an_account_stops_the_month() -> None:
    model = quick_model()
    model.state.ledger.yuan[model.state.county_accounts[0]] += 10.0
    with pytest.raises(LedgerError, match="sum of all accounts"):
        model.step()


def test_unbalanced_local_trade_stops_the_run_and_names_the_month(monkeypatch: pytest.MonkeyPatch) -> None:
    what = quick_scenario()
    honest = market.settlement.settle

    def greedy(*words: Any) -> Any:
        drawn = honest(*words)
        flows, month = words[-2], words[-3]
        if started and month == 2:
            flows[0, market.settlement.SALES_LOCAL] += 1.0
        return drawn

    started: list[int] = []
    monkeypatch.setattr(market.settlement, "settle", greedy)
    with pytest.raises(SimulationError, match="2023-03: LedgerError: trade among local firms") as caught:
        simulate(what, quick_parameters(), SEED, on_month=started.append)
    assert caught.value.month == 2023 * 12 + 2
    assert started == [2023 * 12, 2023 * 12 + 1]
