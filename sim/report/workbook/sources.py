"""Sheets of what stands behind the numbers: 拟合, 假设与来源 and 复现."""

from __future__ import annotations

from collections import Counter
from typing import Final

from sim.errors import UserError
from sim.evidence import load_facts, load_sources
from sim.evidence.variables import basis_label
from sim.experiments import Run
from sim.experiments.pairing import draws_option
from sim.experiments.parameter_draws import drawn_from
from sim.parameters import parameter_table
from sim.report.fit_table import BOUND_WORDS, FitLine, figure_name, fit_of, period_text, place_label, reading
from sim.report.table import named
from sim.report.words import entries, triples
from sim.report.workbook.book import Material, Number, Sheet, Value, plain_measure
from sim.scenario.loader import Loaded
from sim.units import month_text


def fit(sheet: Sheet, material: Material) -> None:
    """Fill the sheet with the figures the baseline can be asked for."""
    say = material.say
    note = say("fit_sheet.baseline_in_count_reported")
    sheet.title(say("fit_sheet.reported_and_simulated"), material.about(note))
    found = fit_of(material.a)
    if not found.lines:
        sheet.nothing(say("fit_sheet.no_reported_figure_falls"))
        return
    sheet.table(material.table("fit_of_baseline", [_figure(line, material) for line in found.lines]), freeze=2)
    sheet.finish()


def _figure(line: FitLine, material: Material) -> list[Value]:
    fact, middle, lang = line.fact, line.simulated, material.lang
    measure = plain_measure(fact.unit_plain, max(abs(fact.value_plain), abs(middle.p50)), 3, lang)
    source = load_sources().get(fact.source)
    return [
        place_label(fact.place, material.a.scenario.places, lang), figure_name(fact.variable, lang),
        period_text(fact, lang), measure.unit, material.pick(*BOUND_WORDS[line.answer.bound]),
        *(measure.level(value) for value in (fact.value_plain, middle.p50, middle.p05, middle.p95)),
        Number(line.ratio, 2), reading(line, lang), material.say("fit_sheet.yes") if line.start else "",
        basis_label(fact.basis, lang), Number(line.scope, 2), material.pick(line.answer.en, line.answer.zh),
        str(source) if source is not None else fact.source,
    ]  # fmt: skip


STATUSES_ZH = {"reported": "有公布数", "literature": "取自文献", "calibrated": "校准所得", "assumed": "假设"}


def assumptions(sheet: Sheet, material: Material) -> None:
    """Fill the sheet: assumed terms of policies, then the model's parameters (assumed ones first), then sources."""
    say = material.say
    lines = [*material.about()]
    if material.comparison.setting.drawn_from == "priors":
        lines.append(say("assumptions.parameters_are_drawn_from"))
    elif not material.comparison.setting.calibrated:
        lines.append(say("assumptions.parameters_stand_at_these"))
    sheet.title(say("assumptions.assumptions_and_sources"), lines)
    rows = [*_assumed_terms(material), *_parameters(material), *_sources(material)]
    sheet.table(material.table("assumptions", rows), freeze=3, header_lines=1)
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
    say, overridden = material.say, material.b.scenario.parameters
    rows: list[list[Value]] = []
    drawn = material.comparison.setting.drawn_from != "assumed"
    for info in sorted(parameter_table(), key=lambda info: info.status != "assumed"):
        value, remark = info.value, info.about
        if isinstance(overridden, dict) and info.name in overridden:
            value, remark = float(overridden[info.name]), say("assumptions.set_by_scenario") + remark
        elif drawn and info.prior != "fixed":
            remark = f"{say('assumptions.drawn_anew_in_each')}; {remark}"
        numbers = [Number(number, -1) for number in (value, info.low, info.high)]
        group, status = info.name.partition(".")[0].replace("_", " "), STATUSES_ZH.get(info.status, info.status)
        about: list[Value] = [say("assumptions.model_parameter"), group, info.name, numbers[0], info.unit, *numbers[1:]]
        rows.append([*about, material.pick(info.status, status), info.source, remark])
    return rows


def _sources(material: Material) -> list[list[Value]]:
    """Return the publications that reported figures of the places come from."""
    say, known = material.say, load_sources()
    rows: list[list[Value]] = []
    published = material.pick("reported", STATUSES_ZH["reported"])
    counts = Counter(fact.source for fact in load_facts() if fact.place in material.a.places)
    for identifier, number in counts.items():
        one, many = known[identifier], say("assumptions.reported_figures", number=number)
        about = [say("assumptions.source"), one.publisher, many, one.date, "", None, None]
        rows.append([*about, published, one.title, one.reference])
    return rows


_NO_FIT: Final[dict[str, list[str]]] = entries()["no_fit"]
_ABOUT_RUN: Final = triples("about_run")


def reproduction(sheet: Sheet, material: Material) -> None:
    """Fill the sheet: one column for each run, then the commands."""
    say = material.say
    sheet.title(say("reproduce.how_to_get_these"), material.about())
    left, right = _of_run(material, material.b), _of_run(material, material.a)
    rows: list[list[Value]] = [[name, left[name], right[name]] for name in left]
    table = material.table("reproduction", [*rows, *_commands(material)])
    sheet.table(table, freeze=1, header_lines=1)
    sheet.finish()


def _of_run(material: Material, run: Run) -> dict[str, Value]:
    """Return what a run is known by, under the names of ``reproduction`` in ``words.toml``, in their order."""
    manifest, scenario, numbers = run.manifest, run.scenario, [int(number) for number in run.replicates]
    whole = len(numbers) == numbers[-1] - numbers[0] + 1
    packages, fit = manifest.get("packages", {}), manifest.get("draws", {}).get("calibration")
    found = {
        "scenario": run.scenario_id, "name": material.pick(scenario.name, scenario.name_zh or scenario.name),
        "run": run.id, "changed_values": " ".join(manifest.get("overrides", ())),
        "months": f"{month_text(scenario.time.start)}..{month_text(scenario.time.end)}",
        "world": scenario.world_id, "seed": scenario.seed, "firms_per_agent": scenario.firms_per_agent,
        "replicates_finished": len(numbers), "replicates_failed": len(run.failures),
        "replicate_numbers": f"{numbers[0]}-{numbers[-1]}" if whole else " ".join(map(str, numbers)),
        "parameter_draws": fit or material.pick(*_NO_FIT[drawn_from(manifest)]),
        "model_version": manifest.get("model_version", ""), "program_version": manifest.get("version", ""),
        "commit": manifest.get("git_commit", ""), "hash_code": manifest.get("code_hash", ""),
        "whole_hash_run": manifest.get("hash", ""), "command_run": manifest.get("command", ""),
        "packages": ", ".join(f"{name} {packages[name]}" for name in packages),
    }  # fmt: skip
    found |= manifest.get("identity", {}) | {"seed": scenario.seed, "model_version": found["model_version"]}
    return {material.pick(english, chinese): str(found.get(name, "")) for name, english, chinese in _ABOUT_RUN}


def _commands(material: Material) -> list[list[Value]]:
    """Return the commands that make the same numbers on another machine."""
    c, b, a = material.comparison, material.b, material.a
    changes = [f'--set "{change}"' for change in b.manifest.get("overrides", ())]
    names = [str(one.manifest.get("reference", one.scenario_id)) for one in (a, b)]
    size = f"-n {max(c.a.n_done, c.b.n_done)} --scale {c.setting.scale} --seed {c.setting.seed}{draws_option(b)}"
    run = " ".join(["countysim run", *names, size, *changes])
    compare = f"countysim compare {b.id} {a.id} --at {c.at} --window {c.window_text}"
    compare += f" --discount {100 * c.money.discount_rate:g}%" + ("" if c.paired else " --unpaired")
    say = material.say
    return [[say("reproduce.make_both_runs"), run, ""], [say("reproduce.compare_them"), compare, ""]]
