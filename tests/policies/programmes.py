"""Programmes of skills, research, upgrading and design in the small county, and a watch on what they touch."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from sim.inputs.problems import InputErrors, Problem
from sim.model import digest
from sim.policies.registry import policy_types
from sim.scenario.loader import load
from sim.scenario.resolved import Policy
from tests.policies.playing import FIRST, Played, begun

RICH = {"county_balance": 1e9}
TERMS: Mapping[str, Mapping[str, Any]] = {
    "training": {"seats": 300.0, "skills": ("process", "trade"), "cost": 3000.0, "tuition_subsidy": 0.5},
    "research_partnership": {"partners": 3, "projects_per_year": 12, "cost": 300e3, "firm_share": 0.5},
    "upgrade_drive": {"firms": 120, "focus": ("smart", "low_carbon")},
    "brand_design": {
        "firms_per_year": 12, "cost_per_firm": 200e3, "subsidy": 0.5, "select": "lottery", "brand_campaign": 1e6,
        "awards": 2,
    },
}  # fmt: skip
NOTHING: Mapping[str, Mapping[str, Any]] = {
    "training": {"seats": 0.0},
    "research_partnership": {"partners": 0},
    "upgrade_drive": {"firms": 0},
    "brand_design": {"firms_per_year": 0, "brand_campaign": 0.0, "awards": 0},
}
"""Changes that leave nothing of a programme."""
FILES = {
    "training": """
seats = "600 persons/year"
skills = ["process"]
cost = "3000 yuan/person"
tuition_subsidy = "50%"
""",
    "research_partnership": """
partners = 3
projects_per_year = 12
cost = "300000 yuan"
firm_share = "50%"
""",
    "upgrade_drive": """
firms = 112
focus = ["smart"]
""",
    "brand_design": """
firms_per_year = 12
cost_per_firm = "200000 yuan/firm"
subsidy = "50%"
select = "lottery"
""",
}
"""The same as a scenario file says it."""


def programme(
    kind: str,
    *,
    start: int = FIRST,
    end: int | None = None,
    payer: Mapping[str, float] | None = None,
    later: Mapping[int, Mapping[str, Any]] | None = None,
    **changes: Any,
) -> Policy:
    """Return a programme with its usual terms but for ``changes``; ``later`` holds changes by month."""
    build = policy_types()[kind].terms.plain
    versions = [(start, build(**{**TERMS[kind], **changes}))]
    versions += [(month, build(**{**TERMS[kind], **changes, **more})) for month, more in (later or {}).items()]
    return Policy(
        id=f"the-{kind}", type=kind, name=kind, name_zh=kind, source="hypothetical", where=("yongnian",), start=start,
        end=end, payer=payer or {"county": 1.0}, versions=tuple(versions),
    )  # fmt: skip


def nothing_of(kind: str) -> Policy:
    """Return a programme that amounts to nothing."""
    return programme(kind, **NOTHING[kind])


def end_state(run: Played) -> str:
    """Return the hash of every column and account of a finished run."""
    return digest(run.model)


def touched(run: Played, months: int) -> set[str]:
    """Return the columns of firms, buyers and places that the only institution changes over some months, by name."""
    state, institution = run.model.state, run.institution()
    step, names = institution.step, set()

    def watched() -> None:
        before = [np.copy(column) for table in (state.firms, state.buyers, state.places) for column in table]
        step()
        after = [column for table in (state.firms, state.buyers, state.places) for column in table]
        fields = [f"{table}.{name}" for table, columns in _tables(state) for name in columns._fields]
        names.update(
            field for field, old, new in zip(fields, before, after, strict=True) if not np.array_equal(old, new)
        )

    institution.step = watched
    run.step(months)
    return names


def _tables(state: Any) -> tuple[tuple[str, Any], ...]:
    return ("firms", state.firms), ("buyers", state.buyers), ("places", state.places)


def moved(run: Played, months: int) -> dict[str, float]:
    """Return the yuan that changed hands for each purpose over some months, whoever paid."""
    ledger, sums = run.model.state.ledger, defaultdict(float)
    close = ledger.close

    def noting(*of_the_month: Any) -> float:
        for purpose, total in ledger.purposes.items():
            sums[purpose] += total
        return close(*of_the_month)

    ledger.close = noting  # type: ignore[method-assign]
    run.step(months)
    return sums


def gain(run: Played, without: Played, name: str, months: slice = slice(None)) -> float:
    """Return by how much a run exceeds another in an observable over some months."""
    return float(run.monthly(name)[months].sum() - without.monthly(name)[months].sum())


def begun_rich(*policies: Policy, months: int = 24, **settings: Any) -> Played:
    """Return a watched model of a county with plenty of money before its first month."""
    return begun(policies, months=months, **{**RICH, **settings})


def only_problem(folder: Path, kind: str, old: str, new: str) -> Problem:
    """Return the only problem of a scenario file with a programme in which ``old`` is written as ``new``."""
    assert old in FILES[kind]
    text = f"""
schema = 1
id = "mine"
extends = "yongnian-2023"
kind = "what-if"
name = "Mine"
[[policy]]
id = "new"
type = "{kind}"
name = "New"
start = "2026-01"
source = "hypothetical"
"""
    payer = 'payer = "county"\n' if policy_types()[kind].terms.needs_payer else ""
    path = folder / "mine.toml"
    path.write_text(text + payer + FILES[kind].replace(old, new), encoding="utf-8")
    try:
        load(str(path))
    except InputErrors as errors:
        (problem,) = errors.problems
        return problem
    raise AssertionError("the file is right")


def said(problem: Problem, *words: str) -> bool:
    """Return whether a problem says all these words, and says something in Chinese too."""
    english, chinese = problem.text("en"), problem.text("zh")
    return all(word in english for word in words) and any("\u4e00" <= letter <= "\u9fff" for letter in chinese)
