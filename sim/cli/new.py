"""``countysim new``: a workspace of one's own."""

from __future__ import annotations

from pathlib import Path

from sim.cli.common import WORDS, chosen_language


def new(folder: Path, lang: str | None = None) -> None:
    """Make a workspace of your own for counties, scenarios, figures and results."""
    from sim.scaffold.new_workspace import new_workspace

    spoken = chosen_language(lang)
    for path in new_workspace(folder):
        print(f"{WORDS.say(spoken, 'shared.wrote')}  {path.as_posix()}")
    facts = "calibration/evidence/reported_facts.csv"
    print(f"\n{WORDS.say(spoken, 'new.next', folder=folder.as_posix(), facts=facts)}")
