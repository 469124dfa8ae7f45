"""Whether the verdicts of a comparison hold when one simulated firm stands for more or fewer firms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.compare.comparison import Note
from sim.compare.rows import build_rows
from sim.compare.runs import pair
from sim.compare.statistics import MINIMUM_RUNS_FOR_BAND, verdict_text
from sim.experiments.find import at_other_scales
from sim.observables import observable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.compare.comparison import Row
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
        found.append(
            Note(
                "scale_unchecked",
                f"Verdicts are those at scale 1:{grouped} and were not checked at another: {pages}",
                f"判断为比例1:{grouped}下的结果，尚未在其他比例下核对：{pages}",
            )
        )
    return tuple(found)


def _note(scale: int, pairs: int, both: Sequence[tuple[Row, Row]]) -> Note:
    """Return what changes at another scale; ``both`` holds each row here and there."""
    changed = [(here, there) for here, there in both if _differ(here, there)]
    if not changed:
        return Note(
            "scale_same",
            f"At scale 1:{scale} ({pairs} pairs) the verdicts on all headline variables are the same.",
            f"在比例1:{scale}下（{pairs}对推演），各主要指标的判断相同。",
        )
    en, zh = [], []
    for here, there in changed:
        item = observable(here.variable)
        words = [(_word(row, "en"), _word(row, "zh")) for row in (there, here)]
        en.append(f"{item.label} {words[0][0]} (here {words[1][0]})")
        zh.append(f"{item.label_zh}{words[0][1]}（此处{words[1][1]}）")
    return Note(
        "scale",
        f"At scale 1:{scale} ({pairs} pairs) the verdict is another: {', '.join(en)}. What is said of them depends on "
        "how many firms one simulated firm stands for; the finer scale is nearer to single firms.",
        f"在比例1:{scale}下（{pairs}对推演）判断不同：{'、'.join(zh)}。"
        "这些结论取决于一个模拟企业代表多少家企业，较细的比例更接近单个企业。",
    )


def _differ(here: Row, there: Row) -> bool:
    words = [row.verdict for row in (here, there)]
    if all(word in NO_DIFFERENCE for word in words):
        return False
    return words[0] != words[1] or (here.prob_higher > 0.5) != (there.prob_higher > 0.5)


def _word(row: Row, language: str) -> str:
    """Return the verdict of a row with its direction, where it has one."""
    word = verdict_text(row.verdict, language)
    if row.verdict in NO_DIFFERENCE:
        return word
    up = row.prob_higher > 0.5
    return word + (("更高" if up else "更低") if language == "zh" else " higher" if up else " lower")
