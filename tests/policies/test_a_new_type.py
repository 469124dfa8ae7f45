"""A policy type is added by one folder with one line of registration: read, checked, listed, simulated and paid."""

from __future__ import annotations

import pickle
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from unittest.mock import ANY

import pytest
from typer.testing import CliRunner

import sim.policies
from sim import observables
from sim import parameters as registry
from sim.calibrate.space import idle_inputs, space_of
from sim.cli.main import app
from sim.errors import UserError
from sim.experiments.fit_identity import current_identity
from sim.model import ClusterModel
from sim.parameters.industries import for_industry
from sim.policies import terms
from sim.policies.terms import policy_types
from sim.scenario import load, realise
from sim.scenario.identity import scenario_hash
from sim.scenario.schema import scenario_schema
from sim.state import draws
from tests.policies.playing import Played, parameters
from tests.scenario.written import head, write

TERMS = '''\
"""Terms of vouchers (创新券)."""

from __future__ import annotations

from typing import NamedTuple

from sim.observables import Observable
from sim.policies.terms import Terms, WholeNumber, YuanPerFirm, policy_type, term


class VoucherParameters(NamedTuple):
    """How vouchers are taken up."""

    take_up: float


@policy_type("voucher", name_zh="创新券")
class VoucherTerms(Terms):
    """Terms of vouchers."""

    dose = ("firms",)
    reach = "vouchers_sent"
    observables = (Observable("vouchers_sent", "vouchers sent", "创新券发放数", "count", "sum"),)
    own_parameters = VoucherParameters

    firms: WholeNumber = term("企业数", "Makers that receive one each year")
    worth: YuanPerFirm = term("面值", "What one is worth")
'''
ACTION = '''\
"""Voucher (创新券): small sums for firms that try something new."""

from __future__ import annotations

from sim.agents.governments import pay
from sim.policies.acting import Institution
from sim.state.ledger import FIRMS


class Vouchers(Institution):
    """Sends vouchers to the first makers of the list every July."""

    def act(self) -> None:
        """Pay in July."""
        if self.state.month_of_year == 6:
            rows = self.state.makers_of(self.place)[: self.terms.firms]
            amounts = self.state.firms.weight[rows] * 0.0 + self.terms.worth * self.state.parameters.voucher.take_up
            self.state.add("vouchers_sent", self.place, len(rows))
            pay(self.model, self.position, self.policy.payer, self.place, amounts, FIRMS, "vouchers", rows)
'''
PARAMETERS = """\
[voucher]
take_up = { value = 0.5, unit = "share", low = 0.3, high = 0.8, prior = "logit", varies = "shared", \
status = "assumed", source = "a guess", about = "share of a voucher's worth that is used", about_zh = "创新券使用率" }
"""
POLICY = """\
[[policy]]
id = "vouchers"
type = "voucher"
name = "Vouchers"
start = "2024-11"
source = "hypothetical"
payer = "county"
firms = 3
worth = "20000 yuan/firm"
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Put the new folder beside the other policy types, and take it away again."""
    policy_types()  # those there are, before the registry is copied
    folder = tmp_path / "more" / "voucher"
    folder.mkdir(parents=True)
    (folder / "__init__.py").touch()
    (folder / "terms.py").write_text(TERMS, encoding="utf-8")
    (folder / "action.py").write_text(ACTION, encoding="utf-8")
    (folder / "parameters.toml").write_text(PARAMETERS, encoding="utf-8")
    monkeypatch.setattr(sim.policies, "__path__", [*sim.policies.__path__, str(folder.parent)])
    monkeypatch.setattr(terms, "POLICY_TYPES", dict(terms.POLICY_TYPES))
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    for module in ("", ".terms", ".action"):
        sys.modules.pop(f"sim.policies.voucher{module}", None)
    observables.register("voucher", ())
    registry._brought.pop("voucher", None)


def test_the_registry_lists_it(project: Path) -> None:
    assert policy_types()["voucher"].name_zh == "创新券"
    assert "voucher" in str(scenario_schema())


def test_a_scenario_with_it_is_checked_like_any_other(project: Path) -> None:
    runner = CliRunner()
    write(project, "my", head() + POLICY)
    result = runner.invoke(app, ["scenario", "check", "my"])
    assert result.exit_code == 0, result.stderr
    write(project, "my", head() + POLICY.replace("yuan/firm", "yuan"))
    result = runner.invoke(app, ["scenario", "check", "my"])
    assert result.exit_code == 2
    assert result.stderr.startswith("E02  scenarios/my.toml:14")
    write(project, "my", head() + POLICY.replace("worth", "wort"))
    result = runner.invoke(app, ["scenario", "check", "my"])
    assert result.exit_code == 2
    assert 'did you mean "worth"' in result.stderr


def test_a_run_carries_it_out_and_its_money_is_booked(project: Path) -> None:
    write(project, "my", head() + POLICY)
    given = ("run.firms_per_agent=50", "time.start=2024-01", "time.reported_until=2024-10", "time.end=2025-08")
    scenario = realise(load("my", overrides=given).scenario, 0)
    played = Played(ClusterModel(scenario, parameters(), draws.replicate_seed(1, 0)))
    played.watch()
    played.finish()
    firms = played.model.state.firms
    rows = played.model.state.makers_of(0)[:3]
    number = [policy.id for policy in scenario.policies].index("vouchers")
    paid = played.money("paid", number, "county")
    assert [month for month, yuan in enumerate(paid.tolist()) if yuan > 0.0] == [18]
    assert paid.sum() == pytest.approx(0.5 * 20000.0 * float(firms.weight[rows].sum()))
    assert played.by_purpose["vouchers"] == pytest.approx(paid.sum())
    monthly = played.model.notebook.monthly
    assert monthly.shape[2] == len(observables.ROWS) + 1
    assert monthly[:, 0, observables.INDEX["vouchers_sent"]].tolist() == [3.0 * (month == 18) for month in range(20)]


def test_its_parameter_is_one_of_its_scenarios_alone(project: Path) -> None:
    write(project, "my", head() + POLICY)
    scenario, fits, name = load("my").scenario, current_identity(), "voucher.take_up"
    before = replace(scenario, policies=())
    assert registry.load_parameters({name: 0.7}).voucher.take_up == 0.7  # type: ignore[attr-defined]
    assert registry.parameter_name(name, "zh") == "创新券使用率"
    assert (name in space_of(scenario).names, name in space_of(before).names) == (True, False)
    assert idle_inputs(space_of(scenario), scenario).isdisjoint({space_of(scenario).names.index(name)})
    assert (current_identity(), current_identity(names=[name])) == (fits, replace(fits, priors=ANY))
    assert current_identity(names=[name]).priors != fits.priors
    known = scenario_hash(scenario), scenario_hash(before)
    entries = project / "more" / "voucher" / "parameters.toml"
    entries.write_text(PARAMETERS.replace("0.5", "0.6"), encoding="utf-8")
    registry._table.cache_clear()
    assert scenario_hash(scenario) != known[0]
    assert scenario_hash(before) == known[1]


def test_parameters_outlast_industries_and_processes(project: Path) -> None:
    policy_types()
    found = for_industry(pickle.loads(pickle.dumps(registry.load_parameters())), "wire-mesh")
    assert found.voucher.take_up == 0.5  # type: ignore[attr-defined]


def test_a_wrong_entry_is_told_like_any_other(project: Path) -> None:
    policy_types()
    (project / "more" / "voucher" / "parameters.toml").write_text(PARAMETERS.replace("0.5", "2.5"), encoding="utf-8")
    registry._table.cache_clear()
    with pytest.raises(UserError, match=r"parameters.toml: 1 problems\nvoucher.take_up: value 2.5 lies outside 0.3"):
        registry.load_parameters()


def test_it_is_gone_when_its_folder_is() -> None:
    assert "voucher" not in policy_types()
