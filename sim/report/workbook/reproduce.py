"""Sheet 复现 / Reproduce: what it takes to get the same numbers again. No times of day: equal data, equal bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.experiments.pairing import draws_option
from sim.experiments.parameter_draws import drawn_from
from sim.report.workbook.book import Column
from sim.units import month_text

if TYPE_CHECKING:
    from sim.experiments import Run
    from sim.report.workbook.book import Sheet, Value
    from sim.report.workbook.material import Material

_NO_FIT = {
    "fit": ("", ""),
    "priors": ("from the priors (not calibrated)", "从先验区间抽取（未校准）"),
    "assumed": ("none (assumed values within their ranges)", "无（取各自区间内的设定值）"),
}
_IDENTITY = (
    ("scenario_hash", "Hash of the scenario", "情形散列值"),
    ("parameters_hash", "Hash of the parameters", "参数散列值"),
    ("places_hash", "Hash of the starting values", "起始值散列值"),
    ("world_hash", "Hash of the world", "外部环境散列值"),
    ("draws_hash", "Hash of the parameter draws", "参数样本散列值"),
    ("layout_hash", "Hash of the layout of files", "文件格式散列值"),
)


def write(sheet: Sheet, material: Material) -> None:
    """Fill the sheet: one column for each run, then the commands."""
    say = material.say
    sheet.title(say("reproduce.how_to_get_these"), material.about())
    columns = [Column(say("shared.what"), 34.0), Column("B", 62.0), Column("A", 62.0)]
    left, right = _of_run(material, material.b), _of_run(material, material.a)
    rows: list[list[Value]] = [[name, left[name], right[name]] for name in left]
    rows += _commands(material)
    sheet.table(columns, rows, freeze=1, header_lines=1)
    sheet.finish()


def _of_run(material: Material, run: Run) -> dict[str, Value]:
    say, manifest = material.say, run.manifest
    identity: dict[str, Any] = manifest.get("identity", {})
    scenario = run.scenario
    numbers = [int(number) for number in run.replicates]
    listed = (
        f"{numbers[0]}-{numbers[-1]}" if len(numbers) == numbers[-1] - numbers[0] + 1 else " ".join(map(str, numbers))
    )
    draws = manifest.get("draws", {})
    found: dict[str, Value] = {
        say("reproduce.scenario"): run.scenario_id,
        say("reproduce.name"): material.pick(scenario.name, scenario.name_zh or scenario.name),
        say("reproduce.run"): run.id,
        say("reproduce.changed_values"): " ".join(manifest.get("overrides", ())),
        say("reproduce.months"): f"{month_text(scenario.time.start)}..{month_text(scenario.time.end)}",
        say("reproduce.world"): scenario.world_id,
        say("reproduce.seed"): str(scenario.seed),
        say("reproduce.firms_per_agent"): str(scenario.firms_per_agent),
        say("reproduce.replicates_finished"): str(len(numbers)),
        say("reproduce.replicates_failed"): str(len(run.failures)),
        say("reproduce.replicate_numbers"): listed,
        say("reproduce.parameter_draws"): draws.get("calibration") or material.pick(*_NO_FIT[drawn_from(manifest)]),
        say("reproduce.model_version"): str(manifest.get("model_version", "")),
        say("reproduce.program_version"): str(manifest.get("version", "")),
        say("reproduce.commit"): str(manifest.get("git_commit", "")),
        say("reproduce.hash_code"): str(manifest.get("code_hash", "")),
        say("reproduce.whole_hash_run"): str(manifest.get("hash", "")),
    }
    found |= {material.pick(english, chinese): str(identity.get(name, "")) for name, english, chinese in _IDENTITY}
    packages = manifest.get("packages", {})
    found[say("reproduce.packages")] = ", ".join(f"{name} {packages[name]}" for name in packages)
    found[say("reproduce.command_run")] = str(manifest.get("command", ""))
    return found


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
