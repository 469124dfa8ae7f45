"""``countysim compare``, ``explain``, ``why``, ``dose`` and ``export``: scenarios beside their baseline."""

from __future__ import annotations

import math
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from sim.cli import common
from sim.cli.common import WORDS, chosen_language, find_pair, find_runs, width
from sim.errors import UserError

MOST_CHECKED = 48
"""Pairs simulated at another scale: enough for the words of a verdict, at a fraction of what a full run costs."""
MOST_ORDERS = 50

if TYPE_CHECKING:
    from sim.compare.comparison import Comparison
    from sim.experiments import Run
    from sim.report.export import Period
    from sim.units import Language


def compare(
    scenarios: list[str], baseline: str | None = None, at: int | None = None, window: str | None = None,
    variable: str = "employment", every: bool = False, csv: bool = False, md: bool = False, lang: str | None = None,
    unpaired: bool = False, discount: str | None = None, check_scale: int | None = None, no_xlsx: bool = False,
    out: Path | None = None,
) -> None:  # fmt: skip
    """Compare scenario B with baseline A: differences, public money, value for money, aims."""
    from sim.compare import compare as compare_runs
    from sim.compare.money import DISCOUNT_RATE_A_YEAR
    from sim.compare.several import compare_several
    from sim.report.comparison_table import several_text
    from sim.units import UnitError, parse_share

    language = chosen_language(lang)
    years = _window(window)
    try:
        rate = DISCOUNT_RATE_A_YEAR if discount is None else parse_share(discount)
    except UnitError as error:
        raise UserError(f"--discount: {error}") from error
    if csv and md:
        raise UserError("choose one of --csv and --md")
    workbook = None if no_xlsx else workbook_language(lang)
    names, base = _sides(scenarios, baseline)
    runs, reference = find_runs(names, base, out)
    if check_scale is not None:
        if len(runs) > 1 or unpaired:
            raise UserError("--check-scale goes with two runs that are paired")
        _run_at(check_scale, runs[0], reference, out, language)
    if len(runs) == 1:
        comparison = compare_runs(runs[0], reference, at, years, unpaired=unpaired, discount_rate=rate)
        folder = _save(comparison, (runs[0], reference), out, workbook)
        print(_shown(comparison, language, every, csv, md, folder), end="")
        return
    if unpaired or csv or md:
        raise UserError("with several scenarios --unpaired, --csv and --md cannot be used: compare them one by one")
    several = compare_several(runs, reference, variable, at, years, discount_rate=rate)
    both = zip(runs, several.comparisons, strict=True)
    folders = [_save(comparison, (run, reference), out, workbook) for run, comparison in both]
    files = "".join("\n" + WORDS.say(language, "shared.files", folder=folder) for folder in folders)
    print(several_text(several, language, width=width()) + files)


def _run_at(scale: int, b: Run, a: Run, out: Path | None, language: Language) -> None:
    """Run both scenarios at another scale as far as they are not, as often as verdicts need; first say the cost."""
    from sim.compare.statistics import MINIMUM_RUNS_FOR_BAND
    from sim.experiments import run_ensemble, standard_progress
    from sim.experiments.pairing import shared_replicates
    from sim.experiments.parameter_draws import drawn_from

    here = int(b.manifest["firms_per_agent"])
    if scale == here:
        raise UserError(f"--check-scale {scale}: the runs are at this scale; choose another, such as {2 * scale}")
    pairs = int(min(shared_replicates(b, a).size, MOST_CHECKED))
    if pairs < MINIMUM_RUNS_FOR_BAND:
        raise UserError(f"--check-scale: {pairs} pairs have no verdicts; run {MINIMUM_RUNS_FOR_BAND} or more")
    common.one_thread()
    minutes = math.fsum(common.seconds_at(run, scale) for run in (b, a)) * pairs / 60.0
    common.say(WORDS.say(language, "compare.cost", pairs=pairs, scale=scale, minutes=max(1.0, minutes)))
    with common.told_when_stopped("stopped"):
        run_ensemble(
            [str(run.manifest["reference"]) for run in (a, b)],
            pairs,
            firms_per_agent=scale,
            out=out,
            progress=standard_progress(),
            variations=[run.manifest["overrides"] for run in (a, b)],
            seed=int(b.manifest["seed"]),
            draws="assumed" if drawn_from(b.manifest) == "assumed" else None,
            command=common.command_line(),
        )


def _shown(comparison: Comparison, language: Language, every: bool, csv: bool, md: bool, folder: Path) -> str:
    """Return what is printed for one pair of runs."""
    from sim.compare.comparison import COLUMNS
    from sim.compare.csv_tables import csv_text
    from sim.report.comparison_table import comparison_text, moved_lines, note_lines, row_columns, shortfall_texts
    from sim.report.table import escaped, markdown

    if csv:
        period, headlines = str(comparison.at), {row.variable for row in comparison.headline_rows()}
        records = [
            record
            for record in comparison.records()
            if record["period"] == period and (every or record["variable"] in headlines)
        ]
        return csv_text(records, COLUMNS["compare"], chinese=language == "zh")
    if md:
        rows = comparison.rows_at() if every else comparison.headline_rows()
        moved = [" ".join(line.split()) for line in moved_lines(comparison, language)]
        short = shortfall_texts(comparison.shortfalls, language)
        below = [*note_lines(comparison, language, ("span",)), *short, *moved]
        return markdown(row_columns(comparison, rows, language)) + "".join(f"\n{escaped(line)}\n" for line in below)
    return comparison_text(comparison, language, every=every, width=width(), folder=f"{folder}/")


def _sides(scenarios: list[str], baseline: str | None) -> tuple[list[str], str]:
    """Tell the scenarios from the baseline."""
    if baseline is not None:
        if baseline in scenarios:
            raise UserError(f"{baseline} is the baseline and one of the scenarios: name it once")
        return scenarios, baseline
    if len(scenarios) == 2:
        return scenarios[:1], scenarios[1]
    several = "countysim compare SCENARIO ... --baseline BASELINE"
    if len(scenarios) == 1:
        raise UserError(f"name two runs: countysim compare {scenarios[0]} BASELINE\n     or: {several}")
    raise UserError(f"with more than two runs name the baseline: {several}")


def workbook_language(lang: str | None) -> Language:
    """Return the language of the workbook: Chinese, which its readers write in, unless English is asked for."""
    return "en" if lang == "en" else "zh"


def _save(comparison: Comparison, runs: tuple[Run, Run], out: Path | None, workbook: Language | None) -> Path:
    """Write what belongs in the folder of the comparison; return the folder."""
    from sim import workspace
    from sim.compare.csv_tables import comparison_folder

    folder = comparison_folder(comparison, workspace.results_root(out))
    write_comparison(comparison, runs, folder, workbook)
    return folder


def write_comparison(comparison: Comparison, runs: tuple[Run, Run], folder: Path, workbook: Language | None) -> None:
    """Write tables, sentences and (in its language, unless that is None) the workbook.

    Says so when the workbook had to take another name.
    """
    from sim.compare.csv_tables import write_tables
    from sim.report.sentences import write_summaries
    from sim.report.workbook import to_excel

    write_tables(comparison, folder)
    write_summaries(comparison, folder)
    if workbook is not None:
        written = to_excel(comparison, folder, workbook, runs=runs)
        if written.notice:
            print(written.notice, file=sys.stderr)


def _window(text: str | None) -> tuple[int, int] | None:
    """Read ``2026-2030``."""
    if text is None:
        return None
    match = re.fullmatch(r"(\d{4})-(\d{4})", text, re.ASCII)
    if match is None:
        raise UserError(f'--window "{text}": write two years, such as 2026-2030')
    return int(match[1]), int(match[2])


def explain(
    scenario: str, baseline: str, replicate: int, at: int | None = None, firms: int = 8,
    lang: common.Language = common.SYSTEM, out: Path | None = None,
) -> None:  # fmt: skip
    """Say what happened in one replicate of B against A, for instance one that makes a mean difference alone."""
    from sim.compare.explain import explain as explain_replicate
    from sim.report.why_table import explanation_text

    if firms < 1:
        raise UserError(f"--firms {firms}: at least 1")
    found = explain_replicate(*common.find_pair(scenario, baseline, out), replicate, at, firms)
    print(common.printable(explanation_text(found, lang, common.width())), end="")


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

    chosen = None if channels is None else _listed(channels)
    chosen = [] if chosen == ["none"] else chosen  # as nothing is
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


def _listed(text: str) -> list[str]:
    """Read ``contacts,space``."""
    return [part.strip() for part in text.replace("，", ",").split(",") if part.strip()]


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
    try:
        return None if text is None else [float(part) for part in _listed(text)]
    except ValueError:
        raise UserError(f'--times "{text}": write numbers with commas between them, such as 0,0.5,1,2') from None


def export(
    scenario: str, baseline: str | None = None, form: str = "iamc", output: Path | None = None, months: bool = False,
    wide: bool = False, out: Path | None = None,
) -> None:  # fmt: skip
    """Write finished runs for other programs: IAMC, tidy CSV, Parquet, netCDF."""
    from sim import workspace
    from sim.compare.notes import span_note
    from sim.compare.runs import pair
    from sim.experiments import find_run
    from sim.report.export import FORMATS
    from sim.report.export import export as write

    chosen = next((known for known in FORMATS if known == form), None)
    if chosen is None:
        raise UserError(f'--format "{form}" is not known; choose {", ".join(FORMATS)}')
    if wide and chosen != "iamc":
        raise UserError(f"--wide is for --format iamc; {chosen} has a row for each value")
    if months and chosen not in ("csv", "parquet"):
        only = "years" if chosen == "iamc" else "months"
        raise UserError(f"--months is for --format csv and parquet; {chosen} has {only} only")
    b, a = (find_run(scenario, out), None) if baseline is None else find_pair(scenario, baseline, out)
    period: Period = "month" if months else "year"
    span = None if a is None or a.places != b.places else span_note(pair(b, a, unpaired=True))
    if span is not None:
        print(span.zh if chosen_language(None) == "zh" else span.en, file=sys.stderr)
    for path in write(b, a, chosen, results=workspace.results_root(out), file=output, period=period, wide=wide):
        print(path)
