"""``countysim validate``: how well the calibrated model does on figures it did not see, beside naive rivals."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from sim.cli import common

if TYPE_CHECKING:
    from sim.experiments import Request
    from sim.units import Language
    from sim.validation.skill import Scorecard


def validate(
    places: list[str] | None = None, facts: Path | None = None, replicates: int | None = None,
    scale: int | None = None, launching: common.Launching = common.LAUNCHING, lang: str | None = None,
    as_json: bool = False, out: Path | None = None,
) -> None:  # fmt: skip
    """Score the model on figures it did not see, beside naive rivals: last value, trend, national growth."""
    common.one_thread()
    language = common.chosen_language(lang)
    asked = places or []
    if facts is None:
        _refuse_run_options(replicates, scale, launching)
        from sim.validation.held_out import score_left_out

        card = score_left_out(asked)
    else:
        card = _of_file(facts, asked, launching.request(replicates, scale, out))
    _show(card, language, as_json=as_json, out=out)
    if any(origin.failed for origin in card.origins):
        raise typer.Exit(1)


def _refuse_run_options(replicates: int | None, scale: int | None, launching: common.Launching) -> None:
    """Raise ``UserError`` for options that would do nothing."""
    from sim.errors import UserError

    options = {"-n": replicates, "--scale": scale, "--jobs": launching.jobs, "--scheduler": launching.scheduler}
    given = [name for name, value in options.items() if value is not None]
    if given:
        raise UserError(f"{', '.join(given)}: only with --facts FILE; without it nothing is simulated")


def _of_file(facts: Path, asked: list[str], how: Request) -> Scorecard:
    """Score a file; say how to go on when the runs are stopped."""
    from sim.experiments import standard_progress
    from sim.validation.unseen import score_file

    with common.told_when_stopped("stopped"):
        return score_file(facts, asked, how, standard_progress)


def _show(card: Scorecard, language: Language, *, as_json: bool, out: Path | None) -> None:
    """Write page and CSV file, and print the card."""
    from sim.report.scorecard import scorecard_record, scorecard_text

    folder = save(card, language, out)
    if as_json:
        common.print_json(scorecard_record(card))
        return
    print(scorecard_text(card, language, width=common.width(), files=f"{folder}/scorecard.html  scorecard.csv"), end="")


def save(card: Scorecard, language: Language, out: Path | None) -> Path:
    """Write ``scorecard.html`` and ``scorecard.csv`` to ``validate/<hash>`` in the results; return the folder."""
    from sim import workspace
    from sim.report.scorecard import scorecard_csv
    from sim.report.scorecard_page import scorecard_page
    from sim.whole import write_whole

    folder = workspace.results_root(out) / "validate" / card.digest
    for name, text in (("scorecard.html", scorecard_page(card, language)), ("scorecard.csv", scorecard_csv(card))):
        write_whole(folder / name, text, "choose another --out")
    return folder
