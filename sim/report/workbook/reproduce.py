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
    sheet.title(say("How to get these numbers again", "如何复现"), material.about())
    columns = [Column(say("What", "项目"), 34.0), Column("B", 62.0), Column("A", 62.0)]
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
        say("Scenario", "情形代号"): run.scenario_id,
        say("Name", "名称"): say(scenario.name, scenario.name_zh or scenario.name),
        say("Run", "推演编号"): run.id,
        say("Changed values", "改动的数值"): " ".join(manifest.get("overrides", ())),
        say("Months", "推演月份"): f"{month_text(scenario.time.start)}..{month_text(scenario.time.end)}",
        say("World", "外部环境"): scenario.world_id,
        say("Seed", "随机种子"): str(scenario.seed),
        say("Firms per agent", "每个主体代表企业数"): str(scenario.firms_per_agent),
        say("Replicates finished", "完成的推演次数"): str(len(numbers)),
        say("Replicates failed", "失败的推演次数"): str(len(run.failures)),
        say("Replicate numbers", "推演序号"): listed,
        say("Parameter draws", "参数样本"): draws.get("calibration") or say(*_NO_FIT[drawn_from(manifest)]),
        say("Model version", "模型版本"): str(manifest.get("model_version", "")),
        say("Program version", "软件版本"): str(manifest.get("version", "")),
        say("Commit", "代码提交"): str(manifest.get("git_commit", "")),
        say("Hash of the code", "代码散列值"): str(manifest.get("code_hash", "")),
        say("Whole hash of the run", "推演完整散列值"): str(manifest.get("hash", "")),
    }
    found |= {say(english, chinese): str(identity.get(name, "")) for name, english, chinese in _IDENTITY}
    packages = manifest.get("packages", {})
    found[say("Packages", "软件包")] = ", ".join(f"{name} {packages[name]}" for name in packages)
    found[say("Command of the run", "推演命令")] = str(manifest.get("command", ""))
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
    return [[say("Make both runs", "重新推演"), run, ""], [say("Compare them", "重新对比"), compare, ""]]
