"""Wrong terms of every policy type: one message with its line and a way out, exit code 2, in both languages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from sim.cli.main import app
from sim.policies.registry import policy_types
from tests.policies.as_files import BODIES, written_policy
from tests.scenario.written import head, write

RUNNER = CliRunner()
WRONG = [
    ("fund", '"200 million yuan"', "200", "E02"),
    ("fund", 'grant_share = "20%"', "grant_share = 20", "E04"),
    ("fund", "automation = 0.5", "automation = 0.7", "E09"),
    ("fund", 'unspent = "carry_over"', 'unspent = "keep"', "E16"),
    ("fund", "call_months = [3, 8]", "call_months = [13]", "E08"),
    ("fund", "call_months = [3, 8]", "call_months = []", "E16"),
    ("fund", "annual_budget", "anual_budget", "E01"),
    ("fund", 'revenue_at_least = "20 million yuan"', 'honours = ["giant"]', "E16"),
    ("fund", "[policy.allocation]", '[policy.across]\nplaces="nowhere"\nrule="equal"\n[policy.allocation]', "E23"),
    ("fund", 'revenue_at_least = "20 million yuan"', 'size = ["tiny"]', "E16"),
    ("park", "plots = 40 }", "plots = 30 }", "E26"),
    ("park", '"10 mu"', "10", "E02"),
    ("park", '"first_come"', '"score"', "E09"),
    ("park", '"2026-06"', '"2026-13"', "E08"),
    ("park", '"90%"', '"190%"', "E04"),
    ("park", 'build_cost = "60 million yuan"\n', "", "E15"),
    ("park", "plots = 40\n", "plots = -1\n", "E17"),
    ("fair", "month = 3", "month = 13", "E08"),
    ("fair", "booths = 60", "booths = 1.5", "E17"),
    ("fair", '"any"', '"everyone"', "E16"),
    ("fair", '"1000 yuan/buyer"', '"1000 yuan"', "E02"),
    ("fair", '"50%"', "50", "E04"),
    ("fair", 'booth_fee = "4000 yuan"', 'booth_fee = "4000 USD"', "E02"),
    ("fair", "every = { month = 3 }", "every = { month = 3, years = 0 }", "E17"),
    ("exhibition", "firms_sent = 30", "firms_sent = -3", "E17"),
    ("exhibition", '"60%"', '"160%"', "E04"),
    ("exhibition", "countries = 6", "country = 6", "E01"),
    ("exhibition", "every = { month = 4 }", "every = 4", "E16"),
    ("digital_platform", '"purchasing", ', '"shopping", ', "E16"),
    ("digital_platform", '"20000 yuan/firm"', '"20000 yuan"', "E02"),
    ("digital_platform", 'run_cost = "4 million yuan/year"\n', "", "E15"),
    ("digital_platform", 'services = ["purchasing", "transactions"]', 'services = "purchasing"', "E16"),
    ("digital_platform", 'set_up_cost = "20 million yuan"', 'set_up_cost = "20 m"', "E02"),
    ("training", '"600 persons/year"', "600", "E02"),
    ("training", '["process"]', "[]", "E16"),
    ("training", '["process"]', '["welding"]', "E16"),
    ("training", '"3000 yuan/person"', '"3000 yuan/firm"', "E02"),
    ("designation", "count = 5", "count = 5\ncount_total = 9", "E15"),
    ("designation", 'honour = "little_giant"\n', "", "E15"),
    ("designation", "growth = 0.4", "growth = 0.5", "E09"),
    ("designation", '"nation"', '"world"', "E16"),
    ("designation", 'select = "score"', 'select = "listed"', "E16"),
    ("project", '"10.22 billion yuan"', "10.22", "E02"),
    ("project", "build_months = 18", "build_months = 0", "E17"),
    ("project", "projects = 15", 'projects = "15"', "E17"),
    ("project", "build_months = 18", "build_months = 18\nrealised = 40", "E04"),
    ("project", "build_months = 18", 'build_months = 18\nmoney = "public"', "E15"),
    ("upgrade_drive", "firms = 112", "firms = -1", "E17"),
    ("upgrade_drive", '["smart"]', '["clever"]', "E16"),
    ("upgrade_drive", "firms = 112\n", "", "E15"),
    ("upgrade_drive", '["smart"]', "[]", "E16"),
    ("research_partnership", '"300000 yuan"', "300000", "E02"),
    ("research_partnership", '"50%"', "50", "E04"),
    ("research_partnership", "partners = 3", "partner = 3", "E01"),
    ("research_partnership", "projects_per_year = 12", "projects_per_year = 1.5", "E17"),
    ("brand_design", '"lottery"', '"dice"', "E16"),
    ("brand_design", '"200000 yuan/firm"', '"200000 yuan"', "E02"),
    ("brand_design", "firms_per_year = 12", 'firms_per_year = "12"', "E17"),
    ("brand_design", 'subsidy = "50%"', 'subsidy = "50%"\nawards = -1', "E17"),
    ("cloud_drive", "workshops = 25\n", "", "E15"),
    ("cloud_drive", "firms = 800", "firms = 800.5", "E17"),
    ("cloud_drive", "workshops = 25", 'workshops = 25\nfee_subsidy = "20%"', "E15"),
    ("cloud_drive", "workshops = 25", "workshop = 25", "E01"),
    ("dealer_network", '"any"', '"some"', "E16"),
    ("dealer_network", '"30000 yuan/year"', '"30000 yuan/firm"', "E02"),
    ("dealer_network", "countries = 20", "countries = -2", "E17"),
    ("dealer_network", "outlet_cost", "outlets_cost", "E01"),
    ("dealer_network", 'firms = "any"', 'firms = "any"\nsubsidy = "20%"', "E15"),
    ("trade_park", '"logistics"', '"shops"', "E16"),
    ("trade_park", "plots = 50", 'plots = "many"', "E17"),
    ("trade_park", 'rent = "3000 yuan/year"', 'rent = "3000 yuan/m2/month"', "E02"),
    ("trade_park", 'rent = "3000 yuan/year"', 'rent = "3000 yuan/year"\nbuyers = "foreign"', "E16"),
]
"""Policy type, what is right, what was written instead, and the code of the message."""
CHANGED = """
[[change]]
id = "later"
policy = "new"
from = "2027-01"
source = "hypothetical"
[change.set]
"""


def checked(folder: Path, monkeypatch: pytest.MonkeyPatch, text: str, lang: str = "en") -> Any:
    """Check a scenario with the given policy from the command line."""
    monkeypatch.chdir(folder)
    write(folder, "my", head() + text)
    return RUNNER.invoke(app, ["scenario", "check", "my", "--lang", lang])


def test_every_type_is_tried_three_times() -> None:
    kinds = [kind for kind, *_ in WRONG]
    assert set(kinds) == set(BODIES) == set(policy_types())
    assert min(kinds.count(kind) for kind in BODIES) >= 3


@pytest.mark.parametrize("kind", sorted(BODIES))
def test_right_terms_are_read(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    result = checked(tmp_path, monkeypatch, written_policy(kind))
    assert result.exit_code == 0, result.stderr
    assert "1 policy added" in result.stdout


@pytest.mark.parametrize(("kind", "old", "new", "code"), WRONG)
def test_wrong_terms_give_one_message(
    kind: str, old: str, new: str, code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for lang in ("en", "zh"):
        result = checked(tmp_path, monkeypatch, written_policy(kind, old, new), lang)
        assert result.exit_code == 2
        assert result.stdout == ""
        assert result.stderr.startswith(f"{code}  scenarios/my.toml:")
        assert result.stderr.count("\n\n") == 1
        assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("kind", "change", "code"),
    [
        ("dealer_network", 'subsidy = "20%"\n', "E15"),
        ("cloud_drive", 'fee_subsidy = "20%"\n', "E15"),
        ("project", 'money = "public"\n', "E15"),
        ("designation", 'award = "100000 yuan"\n', "E15"),
        ("trade_park", 'buyers = "foreign"\n', "E16"),
    ],
)
def test_a_change_can_be_as_wrong_as_a_policy(
    kind: str, change: str, code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Public money that a change brings asks for its payer, and terms that do not go together are refused."""
    result = checked(tmp_path, monkeypatch, written_policy(kind) + CHANGED + change)
    assert result.exit_code == 2
    assert result.stderr.startswith(f"{code}  scenarios/my.toml:")
    assert result.stderr.count("\n\n") == 1
