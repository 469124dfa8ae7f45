"""Sheet 假设与来源 / Assumptions: values nobody published, parameters of the model, and where figures come from."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from sim.errors import UserError
from sim.evidence import load_facts, load_sources
from sim.parameters import parameter_table
from sim.report.table import named
from sim.report.workbook.book import Column
from sim.report.workbook.cell_numbers import Number

if TYPE_CHECKING:
    from sim.experiments import Run
    from sim.parameters import ParameterInfo
    from sim.report.workbook.book import Sheet, Value
    from sim.report.workbook.material import Material
    from sim.scenario.loader import Loaded

STATUSES_ZH = {"reported": "有公布数", "literature": "取自文献", "calibrated": "校准所得", "assumed": "假设"}


def write(sheet: Sheet, material: Material) -> None:
    """Fill the sheet: assumed terms of policies, then the model's parameters (assumed ones first), then sources."""
    say = material.say
    lines = [*material.about()]
    if material.comparison.setting.drawn_from == "priors":
        lines.append(say("assumptions.parameters_are_drawn_from"))
    elif not material.comparison.setting.calibrated:
        lines.append(say("assumptions.parameters_stand_at_these"))
    sheet.title(say("assumptions.assumptions_and_sources"), lines)
    columns = [
        Column(say("assumptions.kind"), 16.0),
        Column(say("assumptions.of"), 30.0),
        Column(say("shared.what"), 32.0),
        Column(say("assumptions.value"), 30.0),
        Column(say("shared.unit"), 16.0),
        Column(say("assumptions.low")),
        Column(say("assumptions.high")),
        Column(say("assumptions.status"), 12.0),
        Column(say("assumptions.origin"), 44.0),
        Column(say("shared.remark"), 44.0),
    ]
    rows = [*_assumed_terms(material), *_parameters(material), *_sources(material)]
    sheet.table(columns, rows, freeze=3, header_lines=1)
    sheet.finish()


def loaded_as_run(run: Run) -> Loaded | None:
    """Return the scenario of a run with the origin of its values, from its file or the run's own copy; None if lost."""
    from sim.scenario.content_hash import scenario_hash
    from sim.scenario.loader import load

    wanted = run.manifest["identity"].get("scenario_hash")
    overrides = tuple(run.manifest.get("overrides", ()))
    sources = ((str(run.manifest.get("reference", "")), overrides), (str(run.folder / "scenario.toml"), ()))
    for reference, changes in sources:
        try:
            loaded = load(reference, overrides=changes)
        except UserError:
            continue
        if scenario_hash(loaded.scenario) == wanted:
            return loaded
    return None


def _assumed_terms(material: Material) -> list[list[Value]]:
    """Return the values of both scenarios that nobody published; those of B, and of A where it has others."""
    say = material.say
    rows: list[list[Value]] = []
    seen: set[tuple[str, str, str]] = set()
    for side, run in (("B", material.b), ("A", material.a)):
        names = {p.id: named(p, material.lang) for p in run.scenario.policies}
        loaded = loaded_as_run(run)
        if loaded is not None:
            items = [(one.policy, one.field, one.value, f"{one.spot.file}:{one.spot.line}") for one in loaded.assumed]
        else:
            items = [(p.id, field, "", run.id) for p in run.scenario.policies for field in p.assumed]
        for policy, field, value, origin in items:
            if (policy, field, value) in seen:
                continue
            seen.add((policy, field, value))
            kind = say("assumptions.assumed_term") + ("" if side == "B" else say("assumptions.only"))
            text = value.strip('"') if value.count('"') == 2 else value
            assumed = material.pick("assumed", STATUSES_ZH["assumed"])
            rows.append([kind, names.get(policy, policy), field, text, "", None, None, assumed, origin, ""])
    return rows


def _parameters(material: Material) -> list[list[Value]]:
    """Return the parameters as the file states them: assumed ones first."""
    table = sorted(parameter_table(), key=lambda info: info.status != "assumed")
    overridden = material.b.scenario.parameters
    source = material.comparison.setting.drawn_from
    drawn = material.say("assumptions.drawn_anew_in_each") if source != "assumed" else ""
    return [_parameter(info, overridden, drawn, material) for info in table]


def _parameter(info: ParameterInfo, overridden: object, drawn: str, material: Material) -> list[Value]:
    say = material.say
    value = info.value
    remark = info.about
    if isinstance(overridden, dict) and info.name in overridden:
        value = float(overridden[info.name])
        remark = say("assumptions.set_by_scenario") + remark
    elif drawn and (info.prior != "fixed"):
        remark = f"{drawn}; {remark}"
    return [
        say("assumptions.model_parameter"),
        info.name.partition(".")[0].replace("_", " "),
        info.name,
        Number(value, -1),
        info.unit,
        Number(info.low, -1),
        Number(info.high, -1),
        material.pick(info.status, STATUSES_ZH.get(info.status, info.status)),
        info.source,
        remark,
    ]


def _sources(material: Material) -> list[list[Value]]:
    """Return the publications that reported figures of the places come from."""
    say = material.say
    places = set(material.a.places)
    counts = Counter(fact.source for fact in load_facts() if fact.place in places)
    known = load_sources()
    published = material.pick("reported", STATUSES_ZH["reported"])
    return [
        [
            say("assumptions.source"), known[identifier].publisher,
            say("assumptions.reported_figures", number=number), known[identifier].date, "", None, None, published,
            known[identifier].title, known[identifier].reference,
        ]
        for identifier, number in counts.items()
    ]  # fmt: skip
