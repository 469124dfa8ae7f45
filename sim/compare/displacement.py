"""Displacement: from whom a place won what it won, so that a province sees what is net.

What the buyers of a market spend is given by the world and changed by no policy. So what the firms of a place win,
others lose: other firms of the place, other places of the run, producers elsewhere. The parts add up pair by pair.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

import numpy as np

from sim.compare.comparison import Amount, Displacement, OutputPart, Source
from sim.compare.statistics import band, mean_se, share_above, verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sim.compare.runs import Floats, Pairing
    from sim.experiments import Run

ROUNDING = 1e-9
"""Share of what buyers spend up to which a difference of its parts is rounding."""
SOURCES: tuple[Source, ...] = get_args(Source)
"""Orders won, and where they come from: other places of the run; producers elsewhere, of the spending of domestic and
of foreign buyers; and buyers that spend more, which only another world brings about."""
OUTPUT_PARTS: tuple[OutputPart, ...] = get_args(OutputPart)
"""Output of firms awarded a grant, of the other makers of the place, and of both together."""


def build_displacement(pairing: Pairing, window: tuple[int, int]) -> Displacement | None:
    """Return displacement over the window; None when the runs are not paired."""
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
    elsewhere = _spent_elsewhere(pairing, pairing.b, pairing.rows_b, window)
    before = _spent_elsewhere(pairing, pairing.a, pairing.rows_a, window)
    given = before - elsewhere
    market = won - lost_here - given.sum(axis=1)
    market[np.abs(market) <= ROUNDING * before.sum(axis=1)] = 0.0
    values = (won, lost_here, given[:, 0], given[:, 1], market)
    orders = {name: _amount(each) for name, each in zip(SOURCES, values, strict=True)}
    return Displacement(tuple(places), not all(here), orders, _output(pairing, window, places))


def places_changed(pairing: Pairing) -> list[str]:
    """Return the places in which the policies of B and A differ, all places where none or not policies differ."""
    ours, theirs = ({policy.id: policy for policy in run.scenario.policies} for run in (pairing.b, pairing.a))
    changed = [name for name in ours.keys() | theirs.keys() if ours.get(name) != theirs.get(name)]
    where = {place for name in changed for side in (ours, theirs) if name in side for place in side[name].where}
    found = [place for place in pairing.b.places if place in where]
    return found or list(pairing.b.places)


def _spent_elsewhere(pairing: Pairing, run: Run, rows: NDArray[np.intp], window: tuple[int, int]) -> Floats:
    """Return what domestic and foreign buyers of all markets spent elsewhere over the window, shape (pairs, 2)."""
    years = np.asarray(run.months) // 12
    inside = (years >= window[0]) & (years <= window[1])
    return np.asarray(run.elsewhere()[rows][:, inside].sum(axis=(1, 2)))


def _output(pairing: Pairing, window: tuple[int, int], places: Sequence[str]) -> dict[OutputPart, Amount]:
    """Return the output of recipients and of the other makers of the places, B − A over the window."""
    gained, awarded = [], False
    for replicate in pairing.replicates:
        awards = np.concatenate([pairing.b.awards(replicate), pairing.a.awards(replicate)])
        awards = awards[awards["month"] // 12 <= window[1]]
        awarded |= bool(awards.size)
        gained.append(recipients_gain(awards, pairing.b.tracked(replicate), pairing.a.tracked(replicate), window))
    if not awarded:
        return {}
    values = [pairing.over("output_value", window, place) for place in places]
    whole, recipients = np.sum([b - a for b, a in values], axis=0), np.array(gained)
    parts = zip(OUTPUT_PARTS, (recipients, whole - recipients, whole), strict=True)
    return {name: _amount(each) for name, each in parts}


def recipients_gain(
    awards: NDArray[np.void], b: NDArray[np.void], a: NDArray[np.void], window: tuple[int, int]
) -> float:
    """Return the output of firms awarded a grant in B less that of the same firms in A, yuan over the window.

    Parameters
    ----------
    awards
        Of both runs, dtype ``sim.state.record.AWARD``.
    b, a
        Followed firms of one pair, dtype ``sim.state.record.TRACKED``.
    """
    slots, first = np.unique(awards["slot"], return_index=True)
    sums = []
    for table in (b, a):
        inside = np.isin(table["slot"], slots) & (table["year"] >= window[0]) & (table["year"] <= window[1])
        sums.append(float(table["output"][inside].sum()))
    unknown = awards[first][~np.isin(slots, a["slot"])]
    years = window[1] + 1 - np.maximum(unknown["month"] // 12, window[0])
    return sums[0] - sums[1] - float((unknown["revenue"] * unknown["firms"] * years).sum())


def _amount(each: Floats) -> Amount:
    error = float(mean_se(each[:, None])[0])
    word = verdict(share_above(each), each.size, identical=not each.any())
    return Amount(band(each), error, word, each)
