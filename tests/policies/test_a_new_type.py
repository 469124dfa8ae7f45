"""A policy type is added by one folder with one line of registration: read, checked, listed, simulated and paid."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

import sim.policies
from sim.cli.main import app
from sim.model import ClusterModel
from sim.policies import terms
from sim.policies.terms import policy_types
from sim.scenario import load, realise
from sim.scenario.schema import scenario_schema
from sim.state import draws
from tests.policies.playing import Played, parameters
from tests.scenario.written import head, write

TERMS = '''\
"""Terms of vouchers (创新券)."""

from __future__ import annotations

from sim.policies.terms import Terms, WholeNumber, YuanPerFirm, policy_type, term


@policy_type("voucher", name_zh="创新券")
class VoucherTerms(Terms):
    """Terms of vouchers."""

    dose = ("firms",)
    reach = "public_money_paid"

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
            amounts = self.state.firms.weight[rows] * 0.0 + self.terms.worth
            pay(self.model, self.position, self.policy.payer, self.place, amounts, FIRMS, "vouchers", rows)
'''
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
    monkeypatch.setattr(sim.policies, "__path__", [*sim.policies.__path__, str(folder.parent)])
    monkeypatch.setattr(terms, "POLICY_TYPES", dict(terms.POLICY_TYPES))
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    for module in ("", ".terms", ".action"):
        sys.modules.pop(f"sim.policies.voucher{module}", None)


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
    assert paid.sum() == pytest.approx(20000.0 * float(firms.weight[rows].sum()))
    assert played.by_purpose["vouchers"] == pytest.approx(paid.sum())


def test_it_is_gone_when_its_folder_is() -> None:
    assert "voucher" not in policy_types()
