"""``countysim explain``: what happened in one replicate of a comparison. It simulates nothing."""

from __future__ import annotations

from pathlib import Path

from sim.cli import common
from sim.errors import UserError


def explain(
    scenario: str, baseline: str, replicate: int, at: int | None = None, firms: int = 8,
    lang: common.Language = common.SYSTEM, out: Path | None = None,
) -> None:  # fmt: skip
    """Say what happened in one replicate of B against A, for instance one that makes a mean difference alone."""
    from sim.compare.explain import explain as explain_replicate
    from sim.report.explain_text import explanation_text

    if firms < 1:
        raise UserError(f"--firms {firms}: at least 1")
    found = explain_replicate(*common.find_pair(scenario, baseline, out), replicate, at, firms)
    print(common.printable(explanation_text(found, lang, common.width())), end="")
