"""The words of a verdict, fixed in this one place for tables, files, figures and sentences."""

from __future__ import annotations

import math
from typing import Literal

from sim.compare.statistics import MINIMUM_RUNS_FOR_BAND

Verdict = Literal["clear", "likely", "no clear difference", "too few runs", "identical"]

CLEAR = 0.95
"""A share of runs at least this, or at most its complement, is clear."""
LIKELY = 0.80

VERDICTS_ZH: dict[Verdict, str] = {
    "clear": "明确",
    "likely": "较可能",
    "no clear difference": "尚不明确",
    "too few runs": "推演次数不足",
    "identical": "完全相同",
}


def verdict(prob_higher: float, runs: int, *, identical: bool = False) -> Verdict:
    """Return the verdict on a difference.

    Parameters
    ----------
    prob_higher
        Share of runs with B above A.
    runs
        Number of pairs; below 20 no verdict is given.
    identical
        Whether B equals A in every run.
    """
    if identical:
        return "identical"
    if runs < MINIMUM_RUNS_FOR_BAND or math.isnan(prob_higher):
        return "too few runs"
    # 0.8 and its complement 0.2 must fall on the same side although 1 - 0.8 is not 0.2 in binary.
    strength = round(max(prob_higher, 1.0 - prob_higher), 12)
    if strength >= CLEAR:
        return "clear"
    return "likely" if strength >= LIKELY else "no clear difference"


def verdict_text(word: Verdict, language: str) -> str:
    """Return the verdict as printed in ``language`` (``en`` or ``zh``)."""
    return VERDICTS_ZH[word] if language == "zh" else word


def out_of(probability: float, runs: int, language: str) -> str:
    """Return a share of runs as occasions: ``88 of 100 runs``, ``100次推演中88次``; halves from ties are kept."""
    count = probability * runs
    shown = f"{count:.0f}" if abs(count - round(count)) < 1e-9 else f"{count:.1f}"
    return f"{runs}次推演中{shown}次" if language == "zh" else f"{shown} of {runs} runs"
