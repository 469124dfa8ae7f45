"""A type of policy nobody wrote before: one new file whose class carries one registering line, and it runs.

In a process of its own, so that the type is known nowhere else.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from sim.project import library_root
from tests.scenario.written import head, write

NEW_FILE = '''\
"""Innovation vouchers (创新券): the county pays small makers' bills."""

from __future__ import annotations

from typing import Any, ClassVar

from sim.institutions.acting import Institution
from sim.institutions.terms import Terms, WholeNumber, Yuan, acts_for, policy_type, term


@policy_type("voucher", name_zh="创新券")
class VoucherTerms(Terms):
    """Terms of innovation vouchers."""

    dose: ClassVar[tuple[str, ...]] = ("vouchers",)
    reach: ClassVar[str] = "public_money_paid"

    vouchers: WholeNumber = term("张数", "Vouchers handed out a month")
    worth: Yuan = term("面值", "What one voucher pays")


@acts_for("voucher")
class Vouchers(Institution):
    """Pays the bills of the smallest makers."""

    def act(self) -> None:
        """Hand this month's vouchers out."""
        import numpy as np

        from sim.agents.governments import pay
        from sim.ledger import FIRMS

        terms: Any = self.terms
        firms, here = self.state.firms, self.state.makers_of(self.place)
        rows = here[np.argsort(firms.revenue_year[here], kind="stable")]
        rows = rows[np.cumsum(firms.weight[rows]) <= terms.vouchers]
        each = np.full(rows.size, terms.worth)
        pay(self.model, self.position, self.policy.payer, self.place, each, FIRMS, "vouchers", rows)
'''
POLICY = """
[[policy]]
id = "vouchers"
type = "voucher"
name = "Innovation vouchers"
start = "2024-11"
source = "hypothetical"
payer = "county"
vouchers = 500
worth = "2000 yuan"
"""
PROGRAM = """
import json, sys
import sim.institutions
sim.institutions.__path__.append(sys.argv[1])
from typer.testing import CliRunner
from sim.cli.main import app
from sim.model import simulate
from sim.observables import INDEX
from sim.parameters import load_parameters
from sim.scenario import load, realise

def page(*words):
    result = CliRunner().invoke(app, list(words))
    return [result.exit_code, result.output]

def run(reference, *overrides):
    settings = ["run.firms_per_agent=200", "time.end=2024-12", *overrides]
    scenario = realise(load(reference, overrides=settings).scenario, 0)
    return simulate(scenario, load_parameters({"start.settle_months": 6.0}), 7).monthly[:, 0]

base, mine, none = run("yongnian-2023"), run("my"), run("my", "policy.vouchers.vouchers=0")
paid = INDEX["public_money_paid"]
print(json.dumps({
    "check": page("scenario", "check", "my", "--lang", "en"),
    "terms": page("scenario", "terms", "voucher", "--lang", "zh"),
    "wrong": page("scenario", "check", "wrong", "--lang", "en"),
    "paid": (mine - base)[:, paid].tolist(),
    "past": bool((mine[:22] == base[:22]).all()),
    "cash": bool((mine[22:] != base[22:]).any()),
    "none": bool((none == base).all()),
}))
"""


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """Return what countysim does with the new type."""
    project, folder = tmp_path_factory.mktemp("project"), tmp_path_factory.mktemp("types")
    (folder / "voucher.py").write_text(NEW_FILE, encoding="utf-8")
    write(project, "my", head() + POLICY)
    write(project, "wrong", head("wrong") + POLICY.replace("vouchers = 500", "voucher = 500"))
    command = [sys.executable, "-c", PROGRAM, str(folder)]
    path = {"PYTHONPATH": str(library_root()), "PATH": "", "NUMBA_NUM_THREADS": "1", "LANG": "C.UTF-8"}
    done = subprocess.run(command, capture_output=True, text=True, cwd=project, env=path, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    found: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_files_are_checked_and_told_about_as_any(said: dict[str, object]) -> None:
    code, text = said["check"]  # type: ignore[misc]
    assert code == 0, text
    code, text = said["terms"]  # type: ignore[misc]
    assert code == 0
    assert "创新券" in text
    assert "面值" in text
    code, text = said["wrong"]  # type: ignore[misc]
    assert code == 2
    assert 'did you mean "vouchers"?' in text


def test_it_acts_and_its_money_is_booked(said: dict[str, object]) -> None:
    paid: list[float] = said["paid"]  # type: ignore[assignment]
    assert paid[:22] == [0.0] * 22
    # Rows stand for up to 200 firms, and the last one that no longer fits gets nothing.
    assert all(0.5 * 1e6 < yuan <= 1e6 for yuan in paid[22:])
    assert said["past"]
    assert said["cash"]


def test_at_dose_zero_it_is_no_policy_to_the_bit(said: dict[str, object]) -> None:
    assert said["none"]


def test_one_line_registers_it() -> None:
    assert NEW_FILE.count("@policy_type(") == 1
    assert not (Path(library_root()) / "sim" / "institutions" / "voucher.py").exists()
