"""``countysim dose``: run a scenario with one policy at several sizes, and show what each size does."""

from __future__ import annotations

from typing import Annotated

import typer

from sim.cli import common
from sim.errors import UserError


def dose(
    scenario: Annotated[str, typer.Argument(help="Scenario that holds the policy: id, id:variant or file.")],
    policy: Annotated[str, typer.Argument(help="Id of the policy, such as upgrade-fund.")],
    field: Annotated[
        str | None,
        typer.Option(help="Field to multiply, or several with commas; default: those that make it larger."),
    ] = None,
    times: Annotated[
        str | None, typer.Option(help="Multiples of the policy as written; default: 0,0.5,1,2,4. 0 is always run.")
    ] = None,
    on: Annotated[str, typer.Option(help="Variable of the curve.")] = "output_value",
    at: Annotated[int | None, typer.Option(help="Year of the curve; default: 2030, or the last year.")] = None,
    replicates: Annotated[
        int | None, typer.Option("-n", "--replicates", help="How many of each dose; default: as in the scenario.")
    ] = None,
    scale: common.ScaleOption = None,
    launching: common.Launching = common.LAUNCHING,
    overrides: Annotated[
        list[str] | None, typer.Option("--set", help="Change a value for every dose, as in run; may be repeated.")
    ] = None,
    out: common.ResultsOption = None,
    lang: common.LanguageOption = None,
) -> None:
    """Run a scenario with one of its policies at several sizes, and show what each size does.

    A dose multiplies what makes the policy larger: the budget of a fund, plots and building cost of a park, booths and
    invitations of a fair. It holds in every month of the policy. Each dose is compared, pair by pair, with dose zero:
    the same scenario in which the policy has no effect. Finished runs are reused; after Ctrl-C the same command
    continues. Table, picture and data are written to compare/ in the results folder.

    \b
    Examples:
      countysim dose yongnian-fair2x-fund200m upgrade-fund
      countysim dose yongnian-fair2x-fund200m upgrade-fund --field grant_share --times 0.5,1,2 --on employment
      countysim dose anping-academy1000 academy --lang zh
    """  # noqa: D301  (\b keeps the lines of a list apart in the help)
    from sim.report.figures.describe import known_variable

    common.one_thread()
    language = common.chosen_language(lang)
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
    save_all(lambda shown: dose_curve(response, shown), folder, language)
    print(dose_text(response, language, width=common.width(), folder=f"{folder}/"), end="")
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
