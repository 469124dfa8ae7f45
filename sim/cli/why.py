"""``countysim why``: run what it takes to split the difference of B from A by channel and by policy, and show it."""

from __future__ import annotations

from pathlib import Path

import typer

from sim.cli import common
from sim.errors import UserError

MOST_ORDERS = 50


def why(
    scenario: str, baseline: str, on: str = "output_value", at: int | None = None, channels: str | None = None,
    policies: bool = True, orders: int = 4, replicates: int | None = None, scale: int | None = None,
    cost: bool = False, launching: common.Launching = common.LAUNCHING, overrides: list[str] | None = None,
    as_csv: bool = False, as_json: bool = False, lang: common.Language = common.SYSTEM, out: Path | None = None,
) -> None:  # fmt: skip
    """Say why B differs from A: the difference split by channel and by policy, pair by pair."""
    from sim.report.figures.describe import known_variable

    common.one_thread()
    variable = known_variable(on).name
    if as_csv and as_json:
        raise UserError("--json and --csv exclude each other")
    if not 1 <= orders <= MOST_ORDERS:
        raise UserError(f"--orders {orders}: 1 to {MOST_ORDERS}")
    from sim import workspace
    from sim.compare.why import plan, run_why, why_folder
    from sim.compare.why import why as split
    from sim.experiments import standard_progress
    from sim.report import why_table as table

    chosen = None if channels is None else _names(channels)
    todo = plan(scenario, baseline, chosen, overrides or (), at=at, split_policies=policies, orders=orders)
    told = table.cost_text(todo, replicates or todo.replicates, lang)
    if cost:
        print(told)
        return
    how, progress = launching.request(replicates, scale, out), standard_progress()
    progress.notice(told)
    with common.told_when_stopped("stopped"):
        runs = run_why(todo, how, progress)
    failed = common.told_failures(runs)
    found = split(todo, runs, variable, at)
    if as_json:
        common.print_json(table.why_record(found))
    elif as_csv:
        print(table.why_csv(found), end="")
    else:
        from sim.report.figures import save_all, why_bars

        folder = workspace.results_root(out) / "compare" / why_folder(found, runs)
        save_all(lambda shown: why_bars(found, shown), folder, lang)
        files = common.WORDS.say(lang, "shared.files", folder=folder)
        print(f"{common.printable(table.why_text(found, lang, common.width()))}\n{files}")
    if failed:
        raise typer.Exit(1)


def _names(text: str) -> list[str]:
    """Read ``contacts,space``; ``none`` and nothing are no channel."""
    names = [part.strip() for part in text.replace("，", ",").split(",") if part.strip()]
    return [] if names == ["none"] else names
