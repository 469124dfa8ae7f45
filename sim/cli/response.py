"""``countysim response``: what one change of circumstances does to a place, all else equal."""

from __future__ import annotations

from pathlib import Path

import typer

from sim.cli import common

DRAWS = 12
LEAST = 2


def response(
    place: str, draws: int | None = None, which: str | None = None, only: list[str] | None = None,
    listed: bool = False, every: bool = False, scale: int | None = None,
    launching: common.Launching = common.LAUNCHING, keep: bool = False, as_csv: bool = False, as_json: bool = False,
    lang: common.Language = common.SYSTEM, out: Path | None = None,
) -> None:  # fmt: skip
    """Show how a place responds to one change at a time, all else equal, so that you can judge the model's economy."""
    from sim.calibrate.still_runs import fit_of_place, still_baseline
    from sim.errors import UserError
    from sim.experiments import standard_progress
    from sim.report import response_table as table
    from sim.sensitivity import response as responses

    common.one_thread()
    if listed:
        for change in responses.CHANGES:
            print(f"{change.id:16} {change.label_zh if lang == 'zh' else change.label}")
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
        print(table.response_text(found, lang, every=every, width=common.width()), end="")
    if found.errors:
        raise typer.Exit(1)
