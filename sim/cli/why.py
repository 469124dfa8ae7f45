"""``countysim why``: run what it takes to split the difference of B from A by channel and by policy, and show it."""

from __future__ import annotations

from typing import Annotated

import typer

from sim.cli import common
from sim.errors import UserError

MOST_ORDERS = 50


def why(
    scenario: Annotated[str, typer.Argument(metavar="B", help="Scenario: id, id:variant or file.")],
    baseline: Annotated[str, typer.Argument(metavar="A", help="Baseline it is compared with.")],
    on: Annotated[str, typer.Option(help="Variable whose difference is split.")] = "output_value",
    at: Annotated[int | None, typer.Option(help="Year; default: 2030, or the last year.")] = None,
    channels: Annotated[
        str | None,
        typer.Option(help="Channels to close, with commas, or none; default: those of the policies, and reactions."),
    ] = None,
    policies: Annotated[
        bool, typer.Option("--policies/--no-policies", help="Whether to split a package among its policies.")
    ] = True,
    orders: Annotated[int, typer.Option(help="Of more than five policies: orders sampled, each also backwards.")] = 4,
    replicates: Annotated[
        int | None, typer.Option("-n", "--replicates", help="How many of each run; default: as in the scenario.")
    ] = None,
    scale: common.ScaleOption = None,
    cost: Annotated[bool, typer.Option("--cost", help="Say how many runs it takes, and run nothing.")] = False,
    launching: common.Launching = common.LAUNCHING,
    overrides: Annotated[
        list[str] | None, typer.Option("--set", help="Change a value of both, as in run; may be repeated.")
    ] = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print a row for each part as CSV.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON: rows, and the values of every pair.")] = False,
    lang: common.LanguageOption = None,
    out: common.ResultsOption = None,
) -> None:
    """Say why B differs from A: the difference split by channel and by policy, pair by pair.

    A policy acts through channels alone: capacity (machines), technique (upgrades, designs), information, skills, costs
    (savings), contacts (with buyers) and space. One at a time is closed: its levers are put back right after the
    policies have acted, and its part is what the difference loses. With reactions closed, local wages, prices and entry
    are those of A: that part is what general equilibrium adds or takes away. What is left is a row of its own (money
    that changes hands, and channels together). A package is split among its policies by Shapley values: policies that
    do the same get the same, one without effect gets nothing, and all parts add up to the difference.

    B and A may differ in policies alone, and only from a month of the run on. All runs share seeds and draws; a past in
    common is lived once, finished runs are reused, and after Ctrl-C the same command continues. Up to five policies all
    their sets are run (2 for two policies, 6 for three, 14, 30 besides A and B); of more, sets on sampled orders.

    \b
    Examples:
      countysim why yongnian-fair2x-fund200m yongnian-2023 --cost
      countysim why yongnian-fair2x-fund200m yongnian-2023 -n 24 --scale 20 --on exports
      countysim why my-fair yongnian-2023 --channels contacts,reactions --no-policies --lang zh
    """  # noqa: D301  (\b keeps the lines of a list apart in the help)
    from sim.report.figures.describe import known_variable

    common.one_thread()
    language = common.chosen_language(lang)
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
    told = table.cost_text(todo, replicates or todo.replicates, language)
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
        save_all(lambda shown: why_bars(found, shown), folder, language)
        label = "文件" if language == "zh" else "files"
        print(common.printable(table.why_text(found, language, common.width())) + f"\n{label}  {folder}/")
    if failed:
        raise typer.Exit(1)


def _names(text: str) -> list[str]:
    """Read ``contacts,space``; ``none`` and nothing are no channel."""
    names = [part.strip() for part in text.replace("，", ",").split(",") if part.strip()]
    return [] if names == ["none"] else names
