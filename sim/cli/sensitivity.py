"""``countysim sensitivity`` and ``response``: what drives the difference of two scenarios, what one change does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from sim.cli import common
from sim.errors import UserError

if TYPE_CHECKING:
    from sim.sensitivity.result import Sensitivity
    from sim.units import Language

DRAWS = 12
LEAST_DRAWS = 2


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
    from sim.experiments import standard_progress
    from sim.experiments.plan import require_scale
    from sim.report import sensitivity_table
    from sim.sensitivity.result import LEAST, explain
    from sim.sensitivity.study import plan_study, run_study

    if trials < LEAST:
        raise UserError(f"-n {trials}: {LEAST} pairs or more are needed to tell an input from chance")
    require_scale(scale)
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


def response(
    place: str, draws: int | None = None, which: str | None = None, only: list[str] | None = None,
    listed: bool = False, every: bool = False, scale: int | None = None,
    launching: common.Launching = common.LAUNCHING, keep: bool = False, as_csv: bool = False, as_json: bool = False,
    lang: common.Language = common.SYSTEM, out: Path | None = None,
) -> None:  # fmt: skip
    """Show how a place responds to one change at a time, all else equal, so that you can judge the model's economy."""
    from sim.calibrate.still_runs import fit_of_place, still_baseline
    from sim.experiments import standard_progress
    from sim.experiments.plan import require_scale
    from sim.report import response_table as table
    from sim.sensitivity import response as responses

    common.one_thread()
    if listed:
        for change in responses.CHANGES:
            print(f"{change.id:16} {change.label_zh if lang == 'zh' else change.label}")
        return
    if as_csv and as_json:
        raise UserError("--json and --csv exclude each other")
    if draws is not None and draws < LEAST_DRAWS:
        raise UserError(f"-n {draws}: {LEAST_DRAWS} draws or more are needed")
    require_scale(scale)
    if which not in (None, "posterior", "assumed"):
        raise UserError(f'--draws "{which}": posterior or assumed')
    if keep and (only or which == "assumed"):
        raise UserError("--keep: only all changes on draws of a fit are kept beside it")
    fit = None if any((draws, which, only, scale, keep)) else fit_of_place(place)
    found, current = (None, False) if fit is None else responses.kept(fit)
    if found is None or not current:
        launch = launching.launch()
        baseline = still_baseline(place, responses.YEARS, scale, "assumed" if which == "assumed" else "posterior")
        with common.told_when_stopped("\nstopped. Finished draws are kept; run the same command to continue."):
            found = responses.run_response(baseline, draws or DRAWS, only or (), launch, standard_progress(), out)
    if keep:
        common.say(f"kept: {responses.keep(found)}")
    if as_json:
        common.print_json(table.response_record(found))
    elif as_csv:
        print(table.response_csv(found), end="")
    else:
        print(table.response_text(found, lang, every=every, width=common.width()), end="")
    if found.errors:
        raise typer.Exit(1)
