"""``countysim dose``: run a scenario with one policy at several sizes, and show what each size does."""

from __future__ import annotations

from pathlib import Path

import typer

from sim.cli import common
from sim.errors import UserError


def dose(
    scenario: str, policy: str, field: str | None = None, times: str | None = None, on: str = "output_value",
    at: int | None = None, replicates: int | None = None, scale: int | None = None,
    launching: common.Launching = common.LAUNCHING, overrides: list[str] | None = None, out: Path | None = None,
    lang: common.Language = common.SYSTEM,
) -> None:  # fmt: skip
    """Run a scenario with one of its policies at several sizes, and show what each size does."""
    from sim.report.figures.describe import known_variable

    common.one_thread()
    variable = known_variable(on).name
    from sim import workspace
    from sim.compare.dose import curve_name, dose_response, plan, run_doses
    from sim.experiments import standard_progress

    todo = plan(scenario, policy, field, _numbers(times), tuple(overrides or ()), at=at)
    how = launching.request(replicates, scale, out)
    with common.told_when_stopped("stopped"):
        runs = run_doses(todo, how, standard_progress())
    failed = common.told_failures({f"dose {factor:g}": run for factor, run in zip(todo.times, runs, strict=True)})
    response = dose_response(runs, todo.times, policy, todo.fields, variable, at)

    from sim.report.dose_table import dose_text
    from sim.report.figures import dose_curve, save_all

    folder = workspace.results_root(out) / "compare" / curve_name(response)
    save_all(lambda shown: dose_curve(response, shown), folder, lang)
    print(dose_text(response, lang, width=common.width(), folder=f"{folder}/"), end="")
    if failed:
        raise typer.Exit(1)


def _numbers(text: str | None) -> list[float] | None:
    """Read ``0,0.5,1``."""
    if text is None:
        return None
    try:
        return [float(part) for part in text.replace("，", ",").split(",") if part.strip()]
    except ValueError:
        raise UserError(f'--times "{text}": write numbers with commas between them, such as 0,0.5,1,2') from None
