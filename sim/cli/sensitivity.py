"""``countysim sensitivity``: which uncertain input drives the difference between two scenarios."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from sim.cli import common

if TYPE_CHECKING:
    from sim.sensitivity.result import Sensitivity
    from sim.units import Language


def sensitivity(
    scenario: str, baseline: str, on: str = "output_value", at: int | None = None, trials: int = 256,
    scale: int | None = None, launching: common.Launching = common.LAUNCHING, seed: int | None = None,
    overrides: list[str] | None = None, as_json: bool = False, out: Path | None = None,
    lang: common.Language = common.SYSTEM,
) -> None:  # fmt: skip
    """Find which uncertain input drives the difference between scenario B and baseline A."""
    from sim.report.figures.describe import known_variable

    common.one_thread()
    variable = known_variable(on).name
    from sim.errors import UserError
    from sim.experiments import standard_progress
    from sim.report import sensitivity_table
    from sim.sensitivity.result import LEAST, explain
    from sim.sensitivity.study import plan_study, run_study

    if trials < LEAST:
        raise UserError(f"-n {trials}: {LEAST} pairs or more are needed to tell an input from chance")
    common.require_scale(scale)
    launch = launching.launch()
    plan, year = plan_study(scenario, baseline, at, scale, seed, overrides or (), out)
    with common.told_when_stopped("\nstopped. Finished pairs are kept; run the same command to continue."):
        study = run_study(plan, trials, launch, standard_progress())
    if study.errors:
        common.say(f"{len(study.errors)} of {study.asked} pairs failed and are left out; the first: {study.errors[0]}")
    result = explain(study, variable, year)
    folder = save_result(result, lang)
    if as_json:
        common.print_json(sensitivity_table.as_json(result))
        return
    text = sensitivity_table.sensitivity_text(result, lang, width=common.width())
    print(f"{text}\n{common.WORDS.say(lang, 'shared.files', folder=folder)}")


def save_result(result: Sensitivity, lang: Language) -> Path:
    """Write picture, data, JSON and both summaries into the study's folder; return where."""
    from sim.compare.csv_tables import ANOTHER
    from sim.report.figures import save_all, tornado
    from sim.report.sensitivity_table import as_json, summary
    from sim.whole import write_whole

    folder = result.study.folder / f"{result.variable.name}-{result.at}"
    save_all(lambda shown: tornado(result, shown), folder, lang)
    write_whole(folder / "sensitivity.json", json.dumps(as_json(result), ensure_ascii=False, indent=2) + "\n", ANOTHER)
    write_whole(folder / "summary.txt", summary(result, "en"), ANOTHER)
    write_whole(folder / "summary.zh.txt", summary(result, "zh"), ANOTHER)
    return folder
