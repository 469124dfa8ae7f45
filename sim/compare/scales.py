"""Whether the verdicts of a comparison hold when one simulated firm stands for more or fewer firms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.compare.notes import WORDS, note
from sim.compare.rows import build_rows
from sim.compare.runs import pair
from sim.compare.statistics import MINIMUM_RUNS_FOR_BAND, verdict_text
from sim.experiments.find import at_other_scales
from sim.inputs.problems import LANGUAGES
from sim.inputs.words import Both

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.compare.comparison import Note, Row
    from sim.experiments import Run

NO_DIFFERENCE = ("identical", "no clear difference")


def scale_notes(b: Run, a: Run, headline: Sequence[Row], window: tuple[int, int], at: int) -> tuple[Note, ...]:
    """Say for every other scale at which both scenarios have been run alike which verdicts change there.

    Where there is none and firms are grouped, say how to check. With too few pairs for verdicts nothing is said.

    Parameters
    ----------
    headline
        Rows whose verdicts are printed.
    """
    if not headline or headline[0].n < MINIMUM_RUNS_FOR_BAND:
        return ()
    theirs, ours = at_other_scales(b), at_other_scales(a)
    found = []
    for scale in sorted(theirs.keys() & ours.keys()):
        pairing = pair(theirs[scale], ours[scale])
        if pairing.n < MINIMUM_RUNS_FOR_BAND or not {at, *window} <= set(pairing.years):
            continue
        rows = build_rows(pairing, window, at)
        there = {row.variable: row for row in rows if (row.period, row.place) == (str(at), headline[0].place)}
        found.append(_note(scale, pairing.n, [(row, there[row.variable]) for row in headline if row.variable in there]))
    grouped = int(b.manifest["firms_per_agent"])
    if not found and grouped > 1:
        pages = f"countysim compare {b.scenario_id} {a.scenario_id} --check-scale {max(1, grouped // 2)}"
        found.append(note("scale_unchecked", grouped=grouped, pages=pages))
    return tuple(found)


def _note(scale: int, pairs: int, both: Sequence[tuple[Row, Row]]) -> Note:
    """Return what changes at another scale; ``both`` holds each row here and there."""
    changed = [(here, there) for here, there in both if _differ(here, there)]
    told = [
        WORDS.both("notes.scale_changed", label=Both(here.label, here.label_zh), there=_word(there), here=_word(here))
        for here, there in changed
    ]
    return note("scale" if changed else "scale_same", scale=scale, pairs=pairs, changed=told)


def _differ(here: Row, there: Row) -> bool:
    words = [row.verdict for row in (here, there)]
    if all(word in NO_DIFFERENCE for word in words):
        return False
    return words[0] != words[1] or (here.prob_higher > 0.5) != (there.prob_higher > 0.5)


def _word(row: Row) -> Both:
    """Return the verdict of a row with its direction, where it has one."""
    word = Both(*(verdict_text(row.verdict, language) for language in LANGUAGES))
    if row.verdict in NO_DIFFERENCE:
        return word
    way = WORDS.both("notes.higher" if row.prob_higher > 0.5 else "notes.lower")
    return Both(word.en + way.en, word.zh + way.zh)
