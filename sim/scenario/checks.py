"""Checks across the parts of a scenario: goals, parameters, places, sums out of proportion, funds nobody can use."""

from __future__ import annotations

import functools
import math
import operator
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from sim.evidence.variables import known_variables, measured_by
from sim.inputs.problems import Findings, words
from sim.inputs.quantities import Quantity, own_keys, plain_number, quantity_of
from sim.inputs.tables import check, listed, near
from sim.observables import observable
from sim.parameters import parameter_table
from sim.policies.terms import Terms
from sim.scenario.chain import Body, Chain
from sim.scenario.drafts import Draft
from sim.scenario.fields import Body as BodyTable
from sim.scenario.fields import GoalTable
from sim.scenario.place_doubts import above_revenue, money
from sim.scenario.purse import Gap, gaps
from sim.scenario.resolved import Goal, Place, Scenario, World
from sim.scenario.whereabouts import no_place
from sim.units import UnitError, centre, format_money, format_value, lowest, month_text, parse_percent, shown
from sim.workspace import folders

LARGE_SHARE = 0.05
"""Yearly public money above this share of a place's output is doubted (W03); the largest real funds are below 1%."""


def leaf_paths(data: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Return the paths of single values in nested tables; a list counts as one value."""
    if isinstance(data, Mapping) and data:
        return [leaf for key, value in data.items() for leaf in leaf_paths(value, (*path, key))]
    return [path] if path else []


# --- goals, parameters, places, world ----------------------------------------------------------------------


def goals(chain: Chain, places: Sequence[Place], findings: Findings) -> tuple[Goal, ...]:
    """Return the goals with their aims in plain units."""
    found = []
    for item in chain.of("goal"):
        table = check(GoalTable, item.raw, item.named(), findings)
        if table is None:
            continue
        known = known_variables()
        if table.variable not in known:
            values = {"id": table.id, "value": f'"{table.variable}"', "near": near(table.variable, known)}
            findings.add("bad_goal", item.spot(("variable",)), **values, known=textwrap.fill(listed(known), 110))
            continue
        (variable,) = measured_by(table.variable)
        if table.place is not None and places and table.place not in [place.id for place in places]:
            no_place("place", table.place, places, item.spot(("place",)), findings)
        try:
            aim = plain_number(table.at_least, observable(variable).unit, parse_percent)
        except UnitError as error:
            values = {"key": "at_least", "value": shown(table.at_least), "detail": error.problem}
            findings.add("bad_unit", item.spot(("at_least",)), **values, advice=error.advice, example=error.advice)
            continue
        found.append(Goal(table.id, variable, aim, table.by, table.source, table.place))
    return tuple(found)


def parameters(body: Body, findings: Findings) -> dict[str, float]:
    """Return overrides of parameters by dotted name."""
    given = body.raw.get("parameters")
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        values = {"key": "parameters", "value": shown(given), "wanted": words("table"), "example": "[parameters]"}
        findings.add("wrong_type", body.spot(("parameters",)), **values)
        return {}
    known = {row.name: row for row in parameter_table()}
    found: dict[str, float] = {}
    for path in leaf_paths(given):
        name = ".".join(str(part) for part in path)
        value: Any = functools.reduce(operator.getitem, path, given)
        spot = body.spot(("parameters", *path))
        if name not in known:
            suggestion, group = near(name, known), name.split(".")[0]
            some = listed([other for other in known if not suggestion or other.split(".")[0] == group])
            values = {"key": f"parameters.{name}", "value": shown(value), "what": words("parameter")}
            values["near"] = suggestion
            findings.add("unknown_thing", spot, **values, known=some)
        elif isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            values = {
                "key": f"parameters.{name}",
                "value": shown(value),
                "example": f"{name} = {known[name].value:g}",
            }
            findings.add("not_number", spot, **values)
        else:
            found[name] = float(value)
            row = known[name]
            if not row.low <= value <= row.high:
                values = {"key": name, "value": f"{value:g}", "low": f"{row.low:g}", "high": f"{row.high:g}"}
                findings.add("parameter_range", spot, **values, source=row.source)
    return dict(sorted(found.items()))


def calibration(body: BodyTable | None, merged: Body, findings: Findings) -> None:
    """Refuse a calibration whose fitted draws are not there."""
    if body is None or body.calibration is None:
        return
    found = [path.parent.name for folder in folders("calibration") for path in folder.glob("fits/*/draws.csv")]
    if body.calibration not in found:
        values = {"key": "calibration", "value": shown(body.calibration), "what": words("fit")}
        suggestion = near(body.calibration, found)
        findings.add("unknown_thing", merged.spot(("calibration",)), **values, near=suggestion, known=listed(found))


def world_covers(world: World, start: int, end: int, body: Body, findings: Findings) -> None:
    """Refuse months for which the world has no values."""
    last = world.first_month + len(world.domestic_demand) - 1
    for key, month in (("start", start), ("end", end)):
        if not world.first_month <= month <= last:
            values = {"key": f"time.{key}", "month": month_text(month), "world": world.id}
            values |= {"first": month_text(world.first_month), "last": month_text(last)}
            findings.add("beyond_world", body.spot(("time", key)), **values)


# --- doubts ------------------------------------------------------------------------------------------------


def doubts(scenario: Scenario, drafts: Mapping[str, Draft], findings: Findings) -> None:
    """Note sums out of proportion (W03), funds nobody can apply to (W10), purses too small (W11), late starts (N02)."""
    oversized: set[str] = set()
    for draft in drafts.values():
        if "W03" not in draft.head.accept and _large_sums(scenario, draft, findings):
            oversized.add(draft.head.id)
        if "W10" not in draft.head.accept:
            _nobody(scenario, draft, findings)
    # A sum out of proportion is more likely to be a slip than a plan.
    _small_purses(scenario, {name: one for name, one in drafts.items() if name not in oversized}, findings)
    _never_acts(scenario, drafts, findings)


def _large_sums(scenario: Scenario, draft: Draft, findings: Findings) -> bool:
    """Note a policy's own amounts that are large beside the output of its places; return whether there are any."""
    places = [place for place in scenario.places if place.id in draft.where]
    output = math.fsum(centre(place.start.headline_total) for place in places)
    years = ", ".join(sorted({str(place.start.base_year) for place in places}))
    noted = False
    for month, terms in ((draft.head.start, draft.terms), *draft.versions):
        for key, quantity, amount in _money(terms):
            if not terms.spends or amount <= LARGE_SHARE * output:
                continue
            suffix = f"@{month_text(month)}"
            spot = draft.change_spots.get(f"policy.{draft.head.id}.{key}{suffix}", draft.item.spot((key,)))
            lower = next((amount / step for step in (100, 10_000) if amount / step <= LARGE_SHARE * output), None)
            per = "year" if quantity.kind == "yuan/year" else None
            meant: Any = ""
            if lower is not None:
                text = money(lower)
                meant = words("meant", en=text["en"], zh=text["zh"])
            values = {
                "key": key,
                "value": {lang: format_money(amount, lang, per=per) for lang in ("en", "zh")},
                "share": f"{100 * amount / output:.0f}%",
                "output": money(output),
                "year": years,
                "meant": meant,
            }
            findings.add("large_sum", spot, **values)
            noted = True
    return noted


def _money(terms: Terms) -> list[tuple[str, Quantity, float]]:
    """Return a policy's own amounts in yuan and yuan a year; those in its sub-tables concern single firms."""
    found = []
    for name in own_keys(type(terms)):
        quantity = quantity_of(type(terms), name)
        if quantity is not None and quantity.kind in ("yuan", "yuan/year"):
            found.append((name, quantity, centre(getattr(terms, name))))
    return found


def _nobody(scenario: Scenario, draft: Draft, findings: Findings) -> None:
    """Note a fund whose condition on revenue leaves no firm that could apply."""
    places = [place for place in scenario.places if not draft.where or place.id in draft.where]
    for _, terms in ((0, draft.terms), *draft.versions):
        asked = getattr(getattr(terms, "eligible", None), "revenue_at_least", None)
        if asked is None:
            continue
        threshold = lowest(asked)
        count = math.fsum(above_revenue(place, threshold) for place in places)
        if count >= 1.0:
            continue
        least = money(threshold)
        condition = words("revenue_from", en=least["en"], zh=least["zh"])
        values = {
            "id": draft.head.id,
            "count": f"{count:.1f}".removesuffix(".0"),
            "total": format_value(math.fsum(above_revenue(place, 0.0) for place in places), "count"),
            "condition": condition,
            "origin": draft.item.spot(("eligible", "revenue_at_least")),
        }
        findings.add("nobody_eligible", draft.item.spot(("eligible", "revenue_at_least")), **values)
        return


def _small_purses(scenario: Scenario, drafts: Mapping[str, Draft], findings: Findings) -> None:
    """Note governments whose money does not last; of several that one policy strains, the one that misses most."""
    strained: dict[str, list[Gap]] = {}
    for gap in gaps(scenario):
        strained.setdefault(gap.policy, []).append(gap)
    for identifier, found in strained.items():
        draft, gap = drafts.get(identifier), max(found, key=lambda one: one.missing)
        if draft is None or "W11" in draft.head.accept:
            continue
        amounts = {"missing": gap.missing, "planned": gap.planned, "own": gap.own, "opening": gap.opening}
        more = len(found) - 1
        level = f"{gap.level}_more" if more else gap.level
        who = words(level, name=gap.place.name, name_zh=gap.place.name_zh, more=more)
        values = {"id": identifier, "who": who, "month": month_text(gap.month), "yearly": money(gap.yearly, 2)}
        values |= {name: money(yuan) for name, yuan in amounts.items()}
        findings.add("small_purse", draft.item.spot(("payer",)), **values, start=month_text(scenario.time.start))


def _never_acts(scenario: Scenario, drafts: Mapping[str, Draft], findings: Findings) -> None:
    """Note policies and changes that begin only after the last simulated month."""
    end = scenario.time.end
    for draft in drafts.values():
        late = [(draft.head.start, draft.item.spot(("start",)))] if draft.head.start > end else []
        for key, spot in draft.change_spots.items():
            late += [
                (month, spot) for month, _ in draft.versions if month > end and key.endswith(f"@{month_text(month)}")
            ]
        for month, spot in late:
            values = {"policy": draft.head.id, "month": month_text(month), "end": month_text(end)}
            findings.add("after_the_end", spot, **values)
