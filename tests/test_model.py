"""The model, its record, and one month recomputed from the agents by hand."""

from __future__ import annotations

import gc
import pickle
import subprocess
import sys
import weakref
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim import model as module
from sim.agents.views import Firm
from sim.mesa_model import MesaModel
from sim.model import ClusterModel, SimulationError, simulate
from sim.month import demography, market
from sim.observables import INDEX, OBSERVABLES
from sim.rules.investment import bank_access, loan_rate
from sim.state import draws
from sim.state.ledger import LedgerError
from sim.state.record import PANEL, TRACKED
from sim.units import parse_month
from tests.model_fixtures import (
    BY_TIER,
    SEED,
    base_record,
    quick_model,
    quick_parameters,
    quick_scenario,
    run,
    scenario,
)


def test_every_draw_of_a_month_is_keyed_by_seed_stream_and_time() -> None:
    state = quick_model().state
    assert state.key("exit", 7) == draws.key(SEED, "exit", parse_month("2023-01"), 7)
    assert state.year_key("demand.year") == draws.key(SEED, "demand.year", 2023)
    assert state.lasting_key("match") == draws.key(SEED, "match")


def test_a_model_that_has_run_is_freed(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[weakref.ref[Any]] = []

    class Watched(ClusterModel):
        def __init__(self, *words: Any) -> None:
            super().__init__(*words)
            made.append(weakref.ref(self))

    monkeypatch.setattr(module, "ClusterModel", Watched)
    for _ in range(2):
        simulate(quick_scenario(), quick_parameters(), SEED, until=parse_month("2023-02"))
    gc.collect()
    assert len(made) == 2
    assert [reference() for reference in made] == [None, None]


ROOT = Path(__file__).resolve().parents[1]

# --- the record -----------------------------------------------------------------------------------------------------


def test_the_record_has_its_shapes() -> None:
    record = base_record()
    assert record.first_month == parse_month("2023-01")
    assert record.monthly.shape == (24, 1, len(OBSERVABLES))
    assert np.isfinite(record.monthly).all()
    assert record.size_classes.shape == (2, 1, 5, 5)
    assert record.money.shape == (24, 3, 2, 6)
    assert record.tracked.dtype == TRACKED
    assert record.panel is not None
    assert record.panel.dtype == PANEL
    assert sorted(set(record.panel["year"].tolist())) == [2023, 2024]
    for name, values in record.anchors.items():
        assert values.shape == (1,), name
        assert np.isfinite(values).all(), name
        assert (values > 0.0).all(), name
    int(record.digest, 16)


def test_months_and_tables_of_the_record_agree() -> None:
    record = base_record()
    december = record.monthly[23, 0]
    classes = record.size_classes[1, 0].sum(axis=0)
    year = record.monthly[12:, 0]
    assert classes[0] == pytest.approx(record.panel["firms"][_december(record)].sum(), rel=1e-6)
    # Makers at the end of December are those counted in it less those that closed in it.
    assert 0.0 <= december[INDEX["makers"]] - classes[0] <= december[INDEX["exits"]]
    # What makers sold that closed during the year is not in the classes of those that are left.
    assert 0.9 < classes[2] / year[:, INDEX["output_value"]].sum() < 1.0
    assert 0 < classes[3] < year[:, INDEX["entries"]].sum()
    assert 0 < classes[4] < year[:, INDEX["exits"]].sum()


def _december(record: Any) -> Any:
    panel = record.panel
    return (panel["year"] == 2024) & (panel["tier"] == 0) & (panel["exit_month"] == 0)


def test_flows_that_must_be_are_consistent() -> None:
    record = base_record()
    month = {name: record.monthly[:, 0, column] for name, column in INDEX.items()}
    assert (month["value_added"] > 0.0).all()
    assert (month["value_added"] < month["operating_revenue"]).all()
    assert (month["exports"] + month["domestic_sales"] <= month["operating_revenue"] * (1 + 1e-12)).all()
    assert (month["employment_makers"] < month["employment"]).all()
    assert (month["makers"] < month["businesses"]).all()
    assert (month["exits_insolvent"] <= month["exits"]).all()
    # The count at a month's settlement holds its entrants and not yet its exits.
    change = np.diff(month["businesses"])
    assert change == pytest.approx(month["entries"][1:] - month["exits"][:-1])
    assert month["output_value"] == pytest.approx(month["price_index"] * month["output_real"], rel=0.02)
    assert (month["fair_contracts"] <= month["fair_intended_orders"]).all()
    assert (month["park_plots_used"] <= month["park_plots_open"] * (1 + 1e-12)).all()
    survival_of_links = float(month["link_survival"].mean())
    links = quick_parameters().links
    assert links.foreign_survival < survival_of_links < links.domestic_survival + 0.02
    for name in ("gini_sales", "top_ten_share", "capacity_use", "national_share", "link_survival", "loss_making_share"):
        assert ((month[name] >= 0.0) & (month[name] <= 1.0)).all(), name


def test_no_buyer_orders_from_a_closed_firm() -> None:
    model = quick_model()
    for _ in range(12):
        model.step()
        closed = np.flatnonzero(model.state.firms.alive[: model.state.count] == 0)
        scratch = model.state.scratch
        assert not scratch.ordered[:, np.setdiff1d(closed, model.state.left)].any()
        assert not scratch.by_channel[np.setdiff1d(closed, model.state.left)].any()
        firms = model.state.firms
        assert scratch.ordered[:, model.state.live].any(axis=0).sum() > 100
    assert (firms.exit_month[closed] > 0).sum() > model.state.left.size


def test_a_run_loads_no_mesa_and_no_tables() -> None:
    code = (
        "import sys; from tests.model_fixtures import quick_parameters, quick_scenario, run; "
        "run(quick_scenario(), quick_parameters()); "
        "print(*sorted({'mesa', 'networkx', 'pandas', 'xarray', 'matplotlib', 'scipy.optimize'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True, text=True)
    assert done.stdout.strip() == ""


# --- failures -------------------------------------------------------------------------------------------------------


def test_a_failure_names_its_month(monkeypatch: pytest.MonkeyPatch) -> None:
    leave = demography.leave

    def fail(state: Any) -> Any:
        if state.month == parse_month("2023-05"):
            raise ZeroDivisionError("no firms")
        return leave(state)

    monkeypatch.setattr(module.demography, "leave", fail)
    with pytest.raises(SimulationError, match=r"^2023-05: ZeroDivisionError: no firms$") as caught:
        simulate(quick_scenario(), quick_parameters(), SEED)
    assert caught.value.month == parse_month("2023-05")
    assert isinstance(caught.value.__cause__, ZeroDivisionError)
    again = pickle.loads(pickle.dumps(caught.value))
    assert (again.month, str(again)) == (caught.value.month, str(caught.value))


def test_a_failure_while_settling_names_the_first_month(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(state: Any) -> Any:
        raise LedgerError("a leak")

    monkeypatch.setattr(module.demography, "leave", fail)
    with pytest.raises(SimulationError, match=r"^2023-01: LedgerError: a leak$") as caught:
        simulate(quick_scenario(), quick_parameters(), SEED)
    assert caught.value.month == parse_month("2023-01")


def test_a_stop_from_the_keyboard_is_not_a_failure() -> None:
    def stop(month: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        simulate(quick_scenario(), quick_parameters(), SEED, on_month=stop)


# --- one month by hand ----------------------------------------------------------------------------------------------


class Watcher:
    """Notes every firm, through its agent, just before and just after a month is settled."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, model: MesaModel) -> None:
        self.model = model
        honest = market.settle

        def settle(state: Any) -> None:
            self.before, self.booked = self.snapshot(), dict(state.ledger.purposes)
            honest(state)
            self.after = self.snapshot()

        monkeypatch.setattr(module.market, "settle", settle)

    def snapshot(self) -> list[dict[str, float]]:
        names = (
            "row", "tier", "weight", "sales", "exports", "price", "delivered", "workers", "orders_foreign", "emission",
            "orders_local", "revenue_year", "profit_year", "cash", "loan", "capital", "park", "plots", "unit_cost",
            "foreign_links", "expected_orders", "technology_gap", "fees",
        )  # fmt: skip
        return [{name: getattr(firm, name) for name in names} for firm in self.model.agents_by_type[Firm]]


@pytest.fixture(scope="module")
def month_by_hand() -> Any:
    """Return the month's observables, the firms before and after settlement, and the model."""
    with pytest.MonkeyPatch.context() as patch:
        model = MesaModel(scenario(), quick_parameters(), SEED)
        for _ in range(3):
            model.step()
        watcher = Watcher(patch, model)
        model.step()
        model.booked = watcher.booked
    observed = model.notebook.monthly[3, 0]
    return {name: float(observed[column]) for name, column in INDEX.items()}, watcher.before, watcher.after, model


def total(firms: list[dict[str, float]], what: Any, tiers: tuple[int, ...] = (0, 1, 2)) -> float:
    return sum(firm["weight"] * what(firm) for firm in firms if firm["tier"] in tiers)


def exporting_share(firm: dict[str, float]) -> float:
    """Return how many of a row's firms have one of its links when each link falls to any of them alike."""
    return 1.0 - (1.0 - 1.0 / firm["weight"]) ** firm["foreign_links"]


def test_totals_of_the_month_by_hand(month_by_hand: Any) -> None:
    seen, _, firms, model = month_by_hand
    wage = float(model.state.places.wage[0])
    by_hand = {
        "output_value": total(firms, lambda firm: firm["price"] * firm["delivered"], (0,)),
        "operating_revenue": total(firms, lambda firm: firm["price"] * firm["delivered"]),
        "output_real": total(firms, lambda firm: firm["delivered"], (0,)),
        "employment": total(firms, lambda firm: firm["workers"]),
        "employment_makers": total(firms, lambda firm: firm["workers"], (0,)),
        "businesses": total(firms, lambda firm: 1.0),
        "makers": total(firms, lambda firm: 1.0, (0,)),
        "above_scale_firms": total(firms, lambda firm: firm["revenue_year"] >= 20e6, (0,)),
        "capital": total(firms, lambda firm: firm["capital"], (0,)),
        "exports": total(firms, lambda firm: firm["price"] * firm["delivered"] * firm["orders_foreign"]),
        "wages_paid": total(firms, lambda firm: firm["workers"] * wage / 12.0),
        "exporters": total(firms, exporting_share),
        "park_tenants": total(firms, lambda firm: firm["park"] >= 0),
        "park_plots_used": total(firms, lambda firm: firm["plots"] * (firm["park"] >= 0)),
    }
    home = total(firms, lambda f: f["price"] * f["delivered"] * (1.0 - f["orders_foreign"] - f["orders_local"]))
    for name, value in {**by_hand, "domestic_sales": home}.items():
        assert seen[name] == pytest.approx(value, rel=1e-9), name
        assert value > 0.0, name
    assert seen["wage"] == wage


def test_ratios_of_the_month_by_hand(month_by_hand: Any) -> None:
    seen, _, firms, model = month_by_hand
    makers = (0,)
    sales = total(firms, lambda firm: firm["sales"], makers)
    full = BY_TIER.capital_output_ratio[0] * model.state.parameters.production.normal_use * 12.0
    by_hand = {
        "price_index": total(firms, lambda f: f["sales"] * f["price"], makers) / sales,
        "unit_cost_index": total(firms, lambda f: f["sales"] * f["unit_cost"], makers) / sales,
        "technology_gap": total(firms, lambda f: f["sales"] * f["technology_gap"], makers) / sales,
        "labour_productivity": 12.0 * sales / seen["employment_makers"],
        "capacity_use": seen["output_real"] / total(firms, lambda f: f["capital"] / full, makers),
        "profit_rate": total(firms, lambda f: f["profit_year"], makers)
        / total(firms, lambda f: f["revenue_year"], makers),
        "loss_making_share": total(firms, lambda f: f["profit_year"] < 0.0, makers) / seen["makers"],
    }
    for name, value in by_hand.items():
        assert seen[name] == pytest.approx(value, rel=1e-9), name


def accounts(
    before: list[dict[str, float]], after: list[dict[str, float]], model: ClusterModel
) -> list[dict[str, float]]:
    """Return each firm's inputs, overhead, wear, costs of its site and taxes, from its attributes alone."""
    state, parameters, tax = model.state, model.state.parameters, model.state.parameters.tax
    park = next(each for each in model.institutions if each.policy.id == "park")
    people, relative_wage = (
        parameters.production.overhead_labour_share,
        state.places.wage[0] / state.places.wage_base[0],
    )
    level = people * relative_wage / state.world.progress + (1.0 - people) * state.world.producer
    production, environment = state.parameters.production, state.parameters.environment
    bought, service_price = float(state.places.bought_materials[0]), float(state.places.services_price[0])
    per_unit = BY_TIER.materials_share
    goods = total(after, lambda f: f["sales"] * f["orders_local"], (0,))
    goods_needed = total(after, lambda f: f["delivered"] * per_unit[2], (2,))
    services = total(after, lambda f: f["sales"], (1,))
    wanted = total(after, lambda f: f["delivered"] * per_unit[0] * production.local_input_share * service_price, (0,))
    own = (1.0 - environment.untreated_share) * environment.own_treatment_cost
    result = []
    for old, new in zip(before, after, strict=True):
        assert old["row"] == new["row"]
        need = new["delivered"] * per_unit[int(new["tier"])]
        if new["tier"] == 0:
            local = need * production.local_input_share * service_price * services / wanted
            short = max(need * production.local_input_share - local / service_price, 0.0)
            materials = (need * (1.0 - production.local_input_share) + short) * bought
        elif new["tier"] == 1:
            local, materials = 0.0, need * bought
        else:
            local, materials = need * goods / goods_needed, 0.0
        if new["park"] < 0:
            materials += new["delivered"] * new["emission"] * own
        tier, site = int(new["tier"]), 0.0
        normal = BY_TIER.overhead_share[tier] * new["capital"] / BY_TIER.capital_output_ratio[tier]
        overhead = normal / 12.0 * level
        if new["park"] >= 0:
            terms, treated = park.terms, state.parks.capacity_share[park.position]
            site = new["plots"] * terms.plot_area * terms.rent
            fits = min(new["plots"] * parameters.park.capital_per_plot / new["capital"], 1.0)
            overhead *= 1.0 - parameters.park.rent_share * fits
            site += new["delivered"] * new["emission"] * terms.treatment.fee * treated
        wear = new["capital"] * parameters.production.depreciation / 12.0 * state.world.producer
        home = new["sales"] * (1.0 - new["orders_foreign"])
        if old["revenue_year"] < tax.small_taxpayer_revenue:
            due = tax.vat_small * home
        else:
            share = home / new["sales"] if new["sales"] else 0.0
            taxed = materials + local + (1.0 - people) * overhead + site + wear
            due = max(home - share * taxed, 0.0) * tax.vat / (1.0 + tax.vat)
        costs = {"inputs": materials + local, "overhead": overhead, "wear": wear, "site": site}
        result.append({**new, **costs, "vat": due * (1.0 + tax.surcharge)})
    return result


def test_value_added_is_output_less_materials(month_by_hand: Any) -> None:
    seen, before, after, model = month_by_hand
    firms = accounts(before, after, model)
    value_added = total(firms, lambda firm: firm["sales"] - firm["inputs"], (0, 1))
    assert seen["value_added"] == pytest.approx(value_added, rel=1e-9)


def test_tax_of_the_month_by_hand(month_by_hand: Any) -> None:
    seen, before, after, model = month_by_hand
    tax, firms = model.state.parameters.tax, accounts(before, after, model)
    income = 0.0
    for old, new in zip(before, firms, strict=True):
        # Profit of the month: what the ring of the last twelve took in.
        row = int(new["row"])
        profit = float(model.state.firms.profit_ring[row, parse_month("2023-04") % 12])
        if profit > 0.0 and old["profit_year"] > 0.0:
            rate = tax.income_tax_small if old["profit_year"] < tax.small_profit else tax.income_tax
            income += new["weight"] * rate * profit
    paid = total(firms, lambda firm: firm["vat"]) + income
    assert paid > 0.0
    assert seen["tax_paid"] == pytest.approx(paid, rel=1e-9)


def test_makers_profit_by_hand(month_by_hand: Any) -> None:
    seen, before, after, model = month_by_hand
    state, parameters = model.state, model.state.parameters
    wage = float(state.places.wage[0])
    profit = 0.0
    # April is the month of the stands abroad: firms pay what public money does not. Others have moved to the park.
    abroad = next(policy for policy in model.resolved.policies if policy.id == "going-out").terms_at(state.month - 1)
    cost = abroad.firms_sent * parameters.fair.stand_cost_abroad
    own = cost * (1.0 - abroad.stand_subsidy)
    assert model.booked["exhibition"] == pytest.approx(cost)
    assert total(before, lambda firm: firm["fees"]) == pytest.approx(own + model.booked["moving"], rel=1e-9)
    for old, firm in zip(before, accounts(before, after, model), strict=True):
        if firm["tier"] != 0:
            continue
        access = bank_access(firm["capital"], 0, parameters.investment)
        interest = old["loan"] * loan_rate(access, parameters.investment) / 12.0
        costs = (
            firm["inputs"] + firm["workers"] * wage / 12.0 + firm["overhead"] + firm["site"] + interest + firm["vat"]
        )
        profit += firm["weight"] * (firm["sales"] - costs - firm["wear"] - old["fees"])
    assert seen["profit"] == pytest.approx(profit, rel=1e-9)


def test_the_scale_of_the_run_does_not_matter_beyond_luck() -> None:
    def mean(scale: int) -> Any:
        records = [run(scenario(scale=scale), seed=draws.replicate_seed(1, number)) for number in range(4)]
        return np.mean([record.monthly[:, 0].mean(axis=0) for record in records], axis=0)

    fine, coarse = mean(50), mean(150)
    for name in ("output_value", "employment", "businesses", "tax_paid"):
        assert coarse[INDEX[name]] == pytest.approx(fine[INDEX[name]], rel=0.05), name
