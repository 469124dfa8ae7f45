"""Measure firms and responses on the draws of every fit: ``python docs/make_responses.py [--only PLACE] [--quick]``.

For each baseline with a fit it does what ``countysim fit PLACE --firms 12`` and ``countysim response PLACE --keep`` do
(a minute or two a place on two cores, five for each set of places), keeps the results beside the fit, and refreshes the
pages that show them. Runs are kept in ``results/``, so that it goes on where it was stopped. With ``--quick`` nothing
is run: the pages are made from what is kept. ``--draws`` and ``--scale`` are for trying things out.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.calibrate.fits import Fit
    from sim.reporting.firm_statistics import Fact
    from sim.sensitivity.response import Response
    from sim.validation.firm_facts import FirmsOfDraws

ROOT = Path(__file__).resolve().parents[1]
DRAWS = 12
LARGE, IN_GROUPS = 5000, 5
"""Businesses from which the responses of a place are those of firms in groups, and firms of a group."""
DRAWS_OF_SETS = 6
"""Of sets of places, which take as long as all others together."""
PAGES = ("docs/facts-of-firms.md", "docs/responses.md")
NOT_YET = "Made by `python docs/make_responses.py`."
SHOWN = ("output_value", "employment", "businesses", "above_scale_firms", "wage", "exports", "profit_rate")
"""Outcomes of the tables of responses."""


def fits() -> list[Fit]:
    """Return the fits that baselines use."""
    from sim.calibrate.fits import known_fits, read_fit

    return [read_fit(name) for name in known_fits() if name.endswith("-r1")]


def place_of(fit: Fit) -> str:
    """Return the place, or set of places, of a fit."""
    return fit.id.removesuffix("-r1")


def measure(fit: Fit, draws: int, scale: int | None, jobs: int) -> None:
    """Measure firms and responses of a place and keep them beside its fit."""
    from sim.calibrate.still_runs import still_baseline
    from sim.sensitivity import response as responses
    from sim.validation import firm_facts

    reference = fit.settings.scenario
    one = firm_facts.firms_baseline(reference)
    places = one.scenario.places
    large = (
        len(places) == 1 and float(getattr(places[0].start.businesses, "centre", places[0].start.businesses)) > LARGE
    )
    other = still_baseline(reference, responses.YEARS, scale or (IN_GROUPS if large else None))
    one = one if scale is None else still_baseline(reference, firm_facts.YEARS, scale)
    number = draws if len(one.scenario.places) == 1 else min(draws, DRAWS_OF_SETS)
    facts = firm_facts.run_facts(one, number, jobs)
    firm_facts.keep(facts, fit.id)
    found = responses.run_response(other, number, (), jobs)
    responses.keep(found)
    for error in (*facts.errors, *found.errors):
        print(f"  {fit.id}: left out: {error}", file=sys.stderr)


# --- what the pages show -------------------------------------------------------------------------------------------


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table whose first column is words and whose others are numbers."""
    lines = [f"| {' | '.join(heads)} |", f"|---|{'--:|' * (len(heads) - 1)}"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)])


def facts_block() -> str:
    """Return what is published of firms, and in how many draws of each fit the model shows it."""
    from sim.report.posterior_table import known_within
    from sim.reporting.firm_statistics import read_facts
    from sim.validation.firm_facts import kept

    found = {place_of(fit): item for fit in fits() if (item := kept(fit)[0]) is not None}
    heads = ["fact", "published", "range", *found]
    rows = [
        [fact.about, fact.published, known_within(fact, "en"), *(_inside(item, fact) for item in found.values())]
        for fact in read_facts()
    ]
    return table(heads, rows) if found else f"{table(heads, rows)}\n\n{NOT_YET}"


def _inside(found: FirmsOfDraws, fact: Fact) -> str:
    text = f"{found.inside(fact)}/{found.draws}"
    return text if found.holds(fact) else f"*{text}*"


def sources_block() -> str:
    """Return where each fact is from, and what differs between the published basis and the measured one."""
    from sim.reporting.firm_statistics import read_facts

    lines = ["| fact | status | source | what differs |", "|---|---|---|---|"]
    lines += [f"| {fact.about} | {fact.status} | {fact.source} | {fact.note} |" for fact in read_facts()]
    return "\n".join(lines)


def responses_block() -> str:
    """Return the responses of every baseline in the fifth year, with what came out as expected."""
    from sim.sensitivity.response import kept, read_expected

    parts = []
    for fit in fits():
        found, _ = kept(fit)
        if found is None:
            continue
        asked = [item for item in read_expected() if item.concerns(found)]
        good = sum(item.holds(found) for item in asked)
        about = (
            f"Median of {found.draws} draws, scale 1:{found.scale}; share of the nation's volume "
            f"{found.market_share:.0%}; {good} of {len(asked)} expectations met."
        )
        parts += [f"### {place_of(fit)}", about, _responses(found), _constant(found)]
    return "\n\n".join(parts) or NOT_YET


def _responses(found: Response) -> str:
    import numpy as np

    from sim.report.response_table import HEADS, amount
    from sim.sensitivity.response import label_of

    rows = []
    for change in found.changed:
        cells = [amount(float(np.nanmedian(found.effect(change, name, 5))), name) for name in SHOWN]
        rows.append([label_of(change, "en"), *cells])
    return table(["fifth year", *(HEADS[name][0] for name in SHOWN)], rows)


def _constant(found: Response) -> str:
    from sim.report.response_table import constant_lines

    (line,) = constant_lines(found, "en")
    return line[0].upper() + line[1:] + "."


def expected_block() -> str:
    """Return what is expected of which response, and why."""
    from sim.observables import observable
    from sim.report.response_table import wanted
    from sim.sensitivity.response import label_of, read_expected

    rows = []
    for item in read_expected():
        what = observable(item.outcome).label
        if item.more_than:
            what += f", more than {observable(item.more_than).label}"
        where = ""
        if item.share_below < 1.0:
            where = f"share of the nation below {item.share_below:.0%}"
        elif item.share_above > 0.0:
            where = f"share of the nation from {item.share_above:.0%}"
        rows.append([label_of(item.change, "en"), what, str(item.year), wanted(item, "en"), where, item.reason])
    heads = ("change", "outcome", "year", "expected", "places", "reason")
    return "\n".join(
        [f"| {' | '.join(heads)} |", "|---|---|--:|---|---|---|", *(f"| {' | '.join(row)} |" for row in rows)]
    )


BLOCKS: dict[str, dict[str, Any]] = {
    PAGES[0]: {"facts": facts_block, "sources": sources_block},
    PAGES[1]: {"expected": expected_block, "responses": responses_block},
}
"""What stands between the marks of each page."""


def main(arguments: list[str]) -> None:
    """Measure what is asked for and refresh the pages."""
    from docs.make_pages import refreshed
    from sim.experiments.engine import available_cores

    reader = argparse.ArgumentParser(description="Measure firms and responses on the draws of every fit.")
    reader.add_argument("--only", action="append", help="one place; may be repeated")
    reader.add_argument("--quick", action="store_true", help="run nothing; make the pages from what is kept")
    reader.add_argument("--draws", type=int, default=DRAWS)
    reader.add_argument("--scale", type=int)
    reader.add_argument("--jobs", type=int, default=available_cores())
    asked: Any = reader.parse_args(arguments)
    for fit in [] if asked.quick else fits():
        if asked.only is None or place_of(fit) in asked.only:
            started = time.monotonic()
            measure(fit, asked.draws, asked.scale, asked.jobs)
            print(f"{fit.id:22} {time.monotonic() - started:5.0f} s", flush=True)
    for page in PAGES:
        (ROOT / page).write_text(refreshed(page), encoding="utf-8")


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    main(sys.argv[1:])
