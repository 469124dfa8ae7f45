"""A new scenario file to start from: commented, and right as it stands."""

from __future__ import annotations

from pathlib import Path

from sim import workspace
from sim.inputs.files import ID
from sim.inputs.problems import Findings, InputErrors, Problem, Spot, shown_path
from sim.inputs.quantities import quantity_of
from sim.inputs.tables import Named
from sim.policies.terms import Terms
from sim.scaffold.new_text import example_policy, filled
from sim.scenario.amend import amended
from sim.scenario.loader import Loaded, load
from sim.scenario.resolved import Policy
from sim.scenario.scenario_files import write_new
from sim.scenario.writing import text
from sim.units import centre, month_number, month_text, year_of


def new_scenario(identifier: str, parent: str) -> tuple[Path, str]:
    """Write ``scenarios/<identifier>.toml`` that extends ``parent``; return its path and text.

    Raises
    ------
    UserError
        When the id is none, the file exists, or the parent has errors. Nothing is ever overwritten.
    """
    for key, value in (("id", identifier), ("--from", parent)):
        if not ID.fullmatch(value):
            raise InputErrors([Problem("bad_id", values={"key": key, "value": text(value)})])
    path = (workspace.root() or Path.cwd()) / "scenarios" / f"{identifier}.toml"
    if path.exists() or identifier == parent:
        raise InputErrors([Problem("file_exists", Spot(shown_path(path)))])
    content = starting_text(identifier, load(parent))
    write_new({path: content})
    return path, content


def starting_text(identifier: str, parent: Loaded) -> str:
    """Return the text of a new scenario that extends another."""
    scenario = parent.scenario
    first = scenario.time.reported_until + 1
    from_ = max(first, min(month_number(year_of(first) + 2, 1), scenario.time.end))
    policy, field = _doubled(scenario.policies, from_) or (next(iter(scenario.policies), None), "")
    place = scenario.places[0].start
    return filled(
        "scenario.toml",
        id=identifier,
        parent=scenario.id,
        first=month_text(first),
        until=month_text(scenario.time.reported_until),
        from_=month_text(from_),
        policies=", ".join(policy.id for policy in scenario.policies),
        policy=policy.id if policy is not None else "its-id",
        field=field,
        example=example_policy(
            "fund", centre(place.headline_total), lambda name: centre(getattr(place, name)), from_, "en"
        ),
    )


def _doubled(policies: tuple[Policy, ...], month: int) -> tuple[Policy, str] | None:
    """Return a policy and a field of it that can be doubled, fairs first."""
    for policy in sorted(policies, key=lambda policy: policy.type != "fair"):
        if not policy.in_force(month):
            continue
        terms = policy.terms_at(month)
        for name in type(terms).model_fields:
            quantity = quantity_of(type(terms), name)
            fixed = quantity is None or quantity.kind in ("years", "month", "month_number")
            if not fixed and _works(terms, name):
                return policy, name
    return None


def _works(terms: Terms, name: str) -> bool:
    findings = Findings()
    named = Named("", "", "", lambda path: Spot())
    return isinstance(getattr(terms, name), int | float) and (
        amended(terms, [((name,), {"times": 2})], named, findings) is not None
    )
