"""``countysim run``: simulate scenarios, or go on where an earlier command stopped."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from sim.cli import common

if TYPE_CHECKING:
    from sim.experiments import Run
    from sim.experiments.plan import Request
    from sim.experiments.runner import Replay


def run(
    scenarios: list[str], replicates: int | None = None, launching: common.Launching = common.LAUNCHING,
    scale: int | None = None, out: Path | None = None, only: int | None = None, until: str | None = None,
    overrides: list[str] | None = None, panel: bool = False, seed: int | None = None, draws: str | None = None,
    debug: bool = False,
) -> None:  # fmt: skip
    """Simulate scenarios side by side; what is finished already is reused."""
    common.one_thread()
    request = launching.request(
        replicates, scale, out, references=scenarios, only=only, overrides=overrides or (), panel=panel, seed=seed,
        draws=draws,
    )  # fmt: skip
    if debug or until is not None:
        _replay(request, until, debug)
        return
    _run(request)


def _run(request: Request) -> None:
    from sim.experiments import run_request, standard_progress

    with common.told_when_stopped("stopped. Nothing was simulated yet; run the same command to continue."):
        runs = run_request(request, standard_progress())
    runs = list({run.folder: run for run in runs}.values())
    longest = max(len(run.scenario_id) for run in runs)
    for run in runs:
        counts = run.manifest["replicates"]
        print(f"{run.scenario_id:{longest}}  {counts['done']}/{counts['asked']}  {run.folder}")
    failed = [line for run in runs for line in _failure_lines(run, request)]
    for line in failed:
        common.say(line)
    if failed:
        raise typer.Exit(1)


def _failure_lines(run: Run, request: Request) -> list[str]:
    """Return E30 for every failed replicate the command asked for."""
    counts = run.manifest["replicates"]
    asked = request.replicates or counts["asked"]
    lines = []
    for failure in run.failures:
        number = failure["replicate"]
        if number >= asked or request.only not in (None, number):
            continue
        month = failure.get("month", "")
        when = month if month.startswith("before") else f"in {month}"
        where = f" ({failure['where']})" if failure.get("where") else ""
        lines.append(
            f"E30  replicate {number} of {run.scenario_id} failed {when}: {failure.get('error', '')}{where}. "
            f"{counts['done']} of {counts['asked']} are fine and kept\n"
            f"     replay it alone: {failure.get('replay', '')}"
        )
    return lines


def _replay(request: Request, until: str | None, debug: bool) -> None:
    import traceback

    from sim.errors import UserError
    from sim.experiments.runner import replay
    from sim.experiments.tasks import describe_failure
    from sim.units import month_text

    reached: list[int] = []

    def on_month(month: int) -> None:
        reached.append(month)
        if debug:
            common.say(f"  {month_text(month)}")

    try:
        found = replay(request, until, on_month)
    except KeyboardInterrupt:
        common.say("stopped.")
        raise typer.Exit(common.INTERRUPTED) from None
    except UserError:
        raise
    except Exception as error:
        failure = describe_failure(error, reached[-1] if reached else None)
        if debug:
            traceback.print_exc(file=sys.stderr)
        when = "before the first month" if failure.month is None else f"in {month_text(failure.month)}"
        common.say(f"replicate {request.only} failed {when}: {failure.error} ({failure.where})")
        raise typer.Exit(1) from None
    for item in found:
        _print_replay(item)


def _print_replay(item: Replay) -> None:
    from sim.experiments.aggregate import over_places
    from sim.observables import INDEX, recorded
    from sim.units import month_text

    record, job = item.record, item.job
    print(f"replicate {job.replicate} of {item.target.scenario.id}: draw {job.draw}, seed {job.seed}, nothing saved")
    print(f"{month_text(record.first_month)} to {month_text(item.last_month)}   digest {record.digest}")
    if item.saved_digest is not None:
        same = "equal to the saved replicate" if item.saved_digest == record.digest else "NOT equal to the saved one"
        print(f"final state {same}")
    last = record.monthly[-1]
    for column, observed in enumerate(recorded(policy.type for policy in item.target.scenario.policies)):
        if observed.headline:
            value = over_places(last[:, column], last[:, INDEX["output_value"]], observed)
            print(f"  {observed.label:20} {float(value):>18,.6g} {observed.unit} ({month_text(item.last_month)})")
