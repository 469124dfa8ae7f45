"""Scenario files written by tests into a project of their own, beside the library's."""

from __future__ import annotations

from pathlib import Path

from sim.scenario.place_start import TOTALS, UNITS, PlaceStart
from sim.scenario.resolved import Policy, Scenario

HEAD = """\
schema = 1
id = "{id}"
extends = "yongnian-2023"
kind = "{kind}"
name = "A test"
"""

FUND = """\
[[policy]]
id = "fund"
type = "fund"
name = "Fund"
start = "2026-01"
end = "2028-12"
source = "hypothetical"
payer = "county"
annual_budget = "200 million yuan"
pays_for = "equipment"
grant_share = "20%"
cap_per_firm = "5 million yuan"
firm_co_finance_at_least = "50%"
call_months = [3, 8]
paid = { when = "after_acceptance", lag_months = 6 }
unspent = "carry_over"
  [policy.eligible]
  revenue_at_least = "20 million yuan"
  [policy.allocation]
  rule = "first_come"
"""

CHANGE = """\
[[change]]
id = "more"
policy = "fair"
from = "2026-01"
[change.set]
"""


def policy_of(scenario: Scenario, identity: str) -> Policy:
    """Return the policy with an id."""
    return next(policy for policy in scenario.policies if policy.id == identity)


def write(project: Path, name: str, text: str | bytes) -> Path:
    """Write ``scenarios/<name>.toml`` of a project."""
    path = project / "scenarios" / f"{name}.toml"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    return path


def head(identifier: str = "my", kind: str = "what-if") -> str:
    """Return the first five lines of a scenario that extends the baseline."""
    return HEAD.format(id=identifier, kind=kind)


def replaced(text: str, old: str, new: str) -> str:
    """Return a text with one piece replaced; the piece must be there."""
    assert old in text
    return text.replace(old, new, 1)


def line_of(text: str, piece: str) -> int:
    """Return the line, counted from 1, of the first line that holds a piece."""
    return next(number for number, line in enumerate(text.splitlines(), start=1) if piece in line)


def optional_values() -> tuple[str, ...]:
    """Return the starting values that a place file may leave out, the totals aside."""
    return tuple(name for name in UNITS if not PlaceStart.model_fields[name].is_required() and name not in TOTALS)
