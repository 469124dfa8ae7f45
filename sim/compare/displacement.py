"""Displacement: from whom a place won what it won, so that a province sees what is net.

What the buyers of a market spend is given by the world and changed by no policy. So what the firms of a place win,
others lose: other firms of the place, other places of the run, producers elsewhere. The parts add up pair by pair.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

import numpy as np

from sim.compare.comparison import Displacement, FirmPart, Source
from sim.compare.runs import in_years, policy_changes
from sim.compare.statistics import Amount, amount

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sim.compare.runs import Pairing

ROUNDING = 1e-9
"""Share of what buyers spend up to which a difference of its parts is rounding."""
SOURCES: tuple[Source, ...] = get_args(Source)
"""Orders won, and where they come from: other places of the run; producers elsewhere, of the spending of domestic and
of foreign buyers; and buyers that spend more, which only another world brings about."""
FIRM_PARTS: tuple[FirmPart, ...] = get_args(FirmPart)
"""Firms awarded a grant, the other firms of the place, and both together."""


def build_displacement(pairing: Pairing, window: tuple[int, int], at: int) -> Displacement | None:
    """Return displacement over the window, and of jobs in the year ``at``; None when the runs are not paired."""
    if not pairing.paired:
        return None
    places = places_changed(pairing)
    here = [place in places for place in pairing.b.places]
    changes = np.zeros((pairing.n, len(here)))
    for position, place in enumerate(pairing.b.places):
        for side in ("domestic", "foreign"):
            b, a = pairing.over(f"{side}_orders", window, place)
            changes[:, position] += b - a
    won, lost_here = changes[:, here].sum(axis=1), -changes[:, [not it for it in here]].sum(axis=1)
    # What domestic and foreign buyers of all markets spent elsewhere, shape (pairs, 2).
    elsewhere, before = (
        run.elsewhere()[rows][:, in_years(run, window)].sum(axis=(1, 2)) for run, rows in pairing.sides
    )
    given = before - elsewhere
    market = won - lost_here - given.sum(axis=1)
    market[np.abs(market) <= ROUNDING * before.sum(axis=1)] = 0.0
    values = (won, lost_here, given[:, 0], given[:, 1], market)
    orders = {name: amount(each) for name, each in zip(SOURCES, values, strict=True)}
    output = _by_firms(pairing, places, "output_value", window, ("output", "revenue"))
    jobs = _by_firms(pairing, places, "employment", (at, at), ("workers", "workers"))
    return Displacement(tuple(places), not all(here), orders, output, jobs)


def places_changed(pairing: Pairing) -> list[str]:
    """Return the places in which the policies of B and A differ, all places where none or not policies differ."""
    changed = policy_changes(pairing.b.scenario, pairing.a.scenario)
    policies = (*pairing.b.scenario.policies, *pairing.a.scenario.policies)
    where = {place for policy in policies if policy.id in changed for place in policy.where}
    found = [place for place in pairing.b.places if place in where]
    return found or list(pairing.b.places)


def _by_firms(
    pairing: Pairing, places: Sequence[str], variable: str, years: tuple[int, int], columns: tuple[str, str]
) -> dict[FirmPart, Amount]:
    """Return a variable of recipients and of the other firms of the places, B − A over some years."""
    gained, awarded = [], False
    for replicate in pairing.replicates:
        runs = pairing.b, pairing.a
        awards = [table[table["month"] // 12 <= years[1]] for table in (run.awards(replicate) for run in runs)]
        awarded |= any(table.size for table in awards)
        gained.append(recipients_gain(awards, [run.tracked(replicate) for run in runs], years, columns))
    if not awarded:
        return {}
    values = [pairing.over(variable, years, place) for place in places]
    whole, recipients = np.sum([b - a for b, a in values], axis=0), np.array(gained)
    parts = zip(FIRM_PARTS, (recipients, whole - recipients, whole), strict=True)
    return {name: amount(each) for name, each in parts}


def recipients_gain(
    awards: Sequence[NDArray[np.void]],
    tracked: Sequence[NDArray[np.void]],
    years: tuple[int, int],
    columns: tuple[str, str],
) -> float:
    """Return what firms awarded a grant in either run have more in B than in A, added up over some years.

    Parameters
    ----------
    awards, tracked
        Awards and followed firms of B and of A, dtypes ``sim.state.record.AWARD`` and ``TRACKED``.
    columns
        Column of the followed firms, and of the awards the same of one firm when it was awarded, which stands for
        firms too small to be followed in the run without the award.
    """
    followed, before = columns
    slots = np.unique(np.concatenate([table["slot"] for table in awards]))
    sums = []
    for table, granted_there in zip(tracked, reversed(awards), strict=True):
        inside = np.isin(table["slot"], slots) & (table["year"] >= years[0]) & (table["year"] <= years[1])
        known = float(table[followed][inside].sum())
        first = granted_there[np.unique(granted_there["slot"], return_index=True)[1]]
        small = first[~np.isin(first["slot"], table["slot"])]
        span = years[1] + 1 - np.maximum(small["month"] // 12, years[0])
        sums.append(known + float((small[before] * small["firms"] * span).sum()))
    return sums[0] - sums[1]
