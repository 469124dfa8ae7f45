"""The description of the model cites only what exists, and tells the month in the order in which it happens."""

from __future__ import annotations

import ast
import re

import pytest

from tests.docs.names import cited, exists, page, streams, trees

ODD = page("odd.md")


HOMES = {
    "governments": "sim.agents.governments", "acting": "sim.policies.acting", "channels": "sim.policies.channels",
    "self.notebook": "sim.month.notebook.Notebook",
}  # fmt: skip
"""Where calls of a month are at home that are no phase."""


def steps_of_a_month() -> list[str]:
    """What ``ClusterModel.step`` calls, in order, as the page names it."""
    (model,) = (
        node for node in trees()["sim.model"].body if isinstance(node, ast.ClassDef) and node.name == "ClusterModel"
    )
    (step,) = (node for node in model.body if isinstance(node, ast.FunctionDef) and node.name == "step")
    calls = []
    for statement in step.body:
        value = getattr(statement, "value", None)
        if isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute):
            owner = ast.unparse(value.func.value)
            calls.append(f"{HOMES.get(owner, f'sim.month.{owner}')}.{value.func.attr}")
    return calls


@pytest.mark.parametrize("name", sorted(set(cited(ODD))))
def test_what_is_cited_exists(name: str) -> None:
    assert exists(name) or name in {"code type", "firms_per_agent", "[time]", "NUMBA_DISABLE_JIT=1"}, name


def test_a_name_that_does_not_exist_is_found_out() -> None:
    for wrong in (
        "sim.month.calendar.retreat", "sim.nowhere", "investment.bandwidth", "exprots", "scenarios/none.toml",
        "countysim demonstrate", "countysim run --fast", "make coffee", "upgrade.sucess",
    ):  # fmt: skip
        assert not exists(wrong), wrong


def test_the_phases_of_the_month_appear_in_order() -> None:
    section = re.search(r"^## I\.iii .*?(?=^# )", ODD, flags=re.MULTILINE | re.DOTALL)
    assert section is not None
    steps = steps_of_a_month()
    assert len(steps) > 15
    assert [name for name in cited(section[0]) if name.startswith(("sim.month.", *HOMES.values()))] == steps


OUTSIDE = ("calibration.", "sensitivity.", "why.")
"""Streams of what looks at the model from outside."""


def test_every_stream_of_draws_is_listed() -> None:
    section = re.search(r"^## II\.ix .*?(?=^## )", ODD, flags=re.MULTILINE | re.DOTALL)
    assert section is not None
    drawn = {name for name in streams() if not name.startswith(("start.", *OUTSIDE))}
    assert drawn - set(cited(section[0])) == {"replicate"}


PARTS = (
    "Purpose", "Entities", "Process overview", "Theoretical", "Individual decision making", "Learning",
    "Individual sensing", "Individual prediction", "Interaction", "Collectives", "Heterogeneity", "Stochasticity",
    "Observation", "Implementation", "Initialisation", "Input data", "Submodels",
)  # fmt: skip


@pytest.mark.parametrize("part", PARTS)
def test_the_protocol_is_complete(part: str) -> None:
    assert re.search(rf"^## I+\.[ivx]+ {part}", ODD, flags=re.MULTILINE)
