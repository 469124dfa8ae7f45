"""``countysim explain``: what happened in one replicate of a comparison. It simulates nothing."""

from __future__ import annotations

from typing import Annotated

import typer

from sim.cli.common import LanguageOption, ResultsOption, chosen_language, find_pair, printable, width
from sim.errors import UserError


def explain(
    scenario: Annotated[str, typer.Argument(metavar="B", help="Scenario, as in countysim compare.")],
    baseline: Annotated[str, typer.Argument(metavar="A", help="Baseline it is compared with.")],
    replicate: Annotated[int, typer.Option(help="Number of the replicate, from 0; a comparison names it.")],
    at: Annotated[int | None, typer.Option(help="Last year looked at; default: as in a comparison.")] = None,
    firms: Annotated[int, typer.Option(help="How many of the firms that differ most are shown.")] = 8,
    lang: LanguageOption = None,
    out: ResultsOption = None,
) -> None:
    """Say what happened in one replicate of B against A, for instance one that makes a mean difference alone.

    Shows when the two runs part; output, jobs, investment, grants, entries and exits of both by year beside the median
    difference of all pairs; the firms that differ most; how the start was served; and in which parameters its draw lies
    at one end of the draws. Runs nothing: both runs must exist (countysim run A B).

    A difference is usual when its rank is in the middle and its path is near the median. When one firm makes it, it is
    chance; when a parameter at one end of its range does, ask whether that value is credible (countysim sensitivity).
    """
    from sim.compare.explain import explain as explain_replicate
    from sim.report.explain_text import explanation_text

    language = chosen_language(lang)
    if firms < 1:
        raise UserError(f"--firms {firms}: at least 1")
    b, a = find_pair(scenario, baseline, out)
    print(printable(explanation_text(explain_replicate(b, a, replicate, at, firms), language, width())), end="")
