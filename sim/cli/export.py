"""``countysim export``: finished runs in the formats of other programs. It simulates nothing."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from sim.cli.common import chosen_language, find_pair

if TYPE_CHECKING:
    from sim.report.export.tidy import Period


def export(
    scenario: str, baseline: str | None = None, form: str = "iamc", output: Path | None = None, months: bool = False,
    wide: bool = False, out: Path | None = None,
) -> None:  # fmt: skip
    """Write finished runs for other programs: IAMC, tidy CSV, Parquet, netCDF."""
    from sim import workspace
    from sim.compare.notes import span_note
    from sim.compare.runs import pair
    from sim.errors import UserError
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
