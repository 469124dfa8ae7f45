"""``countysim validate``: how well the calibrated model does on figures it did not see, beside naive rivals."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from sim.cli import common

if TYPE_CHECKING:
    from sim.units import Language
    from sim.validation.skill import Scorecard


def validate(
    places: list[str] | None = None, facts: Path | None = None, replicates: int | None = None,
    scale: int | None = None, launching: common.Launching = common.LAUNCHING, lang: common.Language = common.SYSTEM,
    as_json: bool = False, out: Path | None = None,
) -> None:  # fmt: skip
    """Score the model on figures it did not see, beside naive rivals: last value, trend, national growth."""
    common.one_thread()
    from sim.experiments import standard_progress
    from sim.report.scorecard import scorecard_record, scorecard_text
    from sim.validation.held_out import score_left_out
    from sim.validation.unseen import score_file

    if facts is None:
        _refuse_run_options(replicates, scale, launching)
        card = score_left_out(places or [])
    else:
        how = launching.request(replicates, scale, out)
        with common.told_when_stopped("stopped"):
            card = score_file(facts, places or [], how, standard_progress)
    folder = save(card, lang, out)
    if as_json:
        common.print_json(scorecard_record(card))
    else:
        files = f"{folder}/scorecard.html  scorecard.csv"
        print(scorecard_text(card, lang, width=common.width(), files=files), end="")
    if any(origin.failed for origin in card.origins):
        raise typer.Exit(1)


def _refuse_run_options(replicates: int | None, scale: int | None, launching: common.Launching) -> None:
    """Raise ``UserError`` for options that would do nothing."""
    from sim.errors import UserError

    options = {"-n": replicates, "--scale": scale, "--jobs": launching.jobs, "--scheduler": launching.scheduler}
    given = [name for name, value in options.items() if value is not None]
    if given:
        raise UserError(f"{', '.join(given)}: only with --facts FILE; without it nothing is simulated")


def save(card: Scorecard, lang: Language, out: Path | None) -> Path:
    """Write ``scorecard.html`` and ``scorecard.csv`` to ``validate/<hash>`` in the results; return the folder."""
    from sim import workspace
    from sim.report.scorecard import scorecard_csv
    from sim.report.scorecard_page import scorecard_page
    from sim.whole import write_whole

    folder = workspace.results_root(out) / "validate" / card.digest
    for name, text in (("scorecard.html", scorecard_page(card, lang)), ("scorecard.csv", scorecard_csv(card))):
        write_whole(folder / name, text, "choose another --out")
    return folder
