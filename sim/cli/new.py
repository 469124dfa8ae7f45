"""``countysim new``: a workspace of one's own."""

from __future__ import annotations

from pathlib import Path

from sim.cli import common


def new(folder: Path, lang: common.Language = common.SYSTEM) -> None:
    """Make a workspace of your own for counties, scenarios, figures and results."""
    from sim.scaffold.new_workspace import new_workspace

    for path in new_workspace(folder):
        print(f"{common.WORDS.say(lang, 'shared.wrote')}  {path.as_posix()}")
    facts = "calibration/evidence/reported_facts.csv"
    print(f"\n{common.WORDS.say(lang, 'new.next', folder=folder.as_posix(), facts=facts)}")
