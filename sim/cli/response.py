"""``countysim response``: what one change of circumstances does to a place, all else equal."""

from __future__ import annotations

from typing import Annotated

import typer

from sim.cli import common

DRAWS = 12
LEAST = 2


def response(
    place: Annotated[str, typer.Argument(help="Place, or baseline: yongnian, yongnian-2023.")],
    draws: Annotated[int | None, typer.Option("-n", "--number", help=f"Draws of the fit; default: {DRAWS}.")] = None,
    which: Annotated[
        str | None, typer.Option("--draws", help="posterior: those of the fit; assumed: values of priors.toml.")
    ] = None,
    only: Annotated[
        list[str] | None, typer.Option("--only", help="One change, by id (see --list); may be repeated.")
    ] = None,
    listed: Annotated[bool, typer.Option("--list", help="Print the changes with their ids, and nothing else.")] = False,
    every: Annotated[bool, typer.Option("--all", help="Also what came out as expected, with the reasons.")] = False,
    scale: common.ScaleOption = None,
    launching: common.Launching = common.LAUNCHING,
    keep: Annotated[
        bool, typer.Option("--keep", help="Keep the result beside the fit, where pages and tests read it.")
    ] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print rows as CSV: every outcome, median and ends.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON: rows, what was expected, drift.")] = False,
    lang: common.LanguageOption = None,
    out: common.ResultsOption = None,
) -> None:
    """Show how a place responds to one change at a time, all else equal, so that you can judge the model's economy.

    The baseline of the place runs in a constant world: demand, prices and wages elsewhere stay those of its first
    month, and no programme acts but its parks. Each draw of its fit begins once; from the first month on one run goes
    on as it is and one with each change: more or no entry, more equipment, better technique or goods, dearer labour or
    steel, more or less demand, a larger labour pool, easier credit, more contacts, dearer producers elsewhere, and a
    rise of all prices, after which nothing real may move. Told are output, jobs, firms, wages, exports and margins in
    the first and the fifth year, and what was expected with reasons (calibration/responses.toml).

    Without -n, --draws, --only and --scale the result kept beside the fit is printed when there is one. Finished draws
    are used again; after Ctrl-C the same command continues.

    \b
    Examples:
      countysim response yongnian
      countysim response guanxian -n 4 --only entry-3 --only steel-50
      countysim response my-county --draws assumed --scale 5 --lang zh
    """  # noqa: D301  (\b keeps the lines of a list apart in the help)
    from sim.calibrate.still_runs import fit_of_place, still_baseline
    from sim.errors import UserError
    from sim.experiments import standard_progress
    from sim.report import response_table as table
    from sim.sensitivity import response as responses

    common.one_thread()
    language = common.chosen_language(lang)
    if listed:
        for change in responses.CHANGES:
            print(f"{change.id:16} {change.label_zh if language == 'zh' else change.label}")
        return
    if as_csv and as_json:
        raise UserError("--json and --csv exclude each other")
    if draws is not None and draws < LEAST:
        raise UserError(f"-n {draws}: {LEAST} draws or more are needed")
    common.require_scale(scale)
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
        print(table.response_text(found, language, every=every, width=common.width()), end="")
    if found.errors:
        raise typer.Exit(1)
