"""Additionality and take-up of grants: what a yuan granted really moved, from paired runs, and who took it up.

A recipient is followed by its slot in both runs. Extra spending is what firms spend on equipment in B less what they
spend in the paired A; no purchase is looked up in the other run or judged to be the same one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from sim.compare.comparison import Additionality, Extra, Part, SizeClass, TakeUp
from sim.compare.money import award_grants, named, of_both_sides
from sim.compare.runs import first_change, in_years
from sim.compare.statistics import band
from sim.observables import ABOVE_SCALE_YUAN
from sim.state.record import MONEY_STAGES, TAKE_UP

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sim.compare.runs import Pairing
    from sim.scenario.resolved import Scenario

Awards = dict[str, "NDArray[np.void]"]
"""Grants awarded in one pair: in ``b`` and in ``a``."""
YEARS = (3, 5)
"""Years from the start of the fund over which extra spending is added up; published studies follow firms as long."""
YEAR = 12
LARGE_YUAN = 100e6
"""Yearly revenue from which a firm above scale is counted as large here: the highest bound of the size classes."""
PARTS: tuple[Part, ...] = get_args(Part)
"""Firms awarded a grant, all other makers and suppliers of the place, and both together."""
SIZE_CLASSES: tuple[SizeClass, ...] = get_args(SizeClass)
"""Recipients by yearly revenue when first awarded: below 20 million yuan, below 100 million, and above."""


@dataclass(frozen=True)
class _Pair:
    """Extra spending and grants of one pair over some months: by part, and of recipients by size class."""

    spent: dict[str, float]
    granted: dict[str, float]
    firms: dict[str, float]


def build_additionality(pairing: Pairing) -> tuple[Additionality, ...]:
    """Return additionality over three and over five years; empty when unpaired or nothing more was granted in B."""
    if not pairing.paired:
        return ()
    awards = [{"b": pairing.b.awards(number), "a": pairing.a.awards(number)} for number in pairing.replicates]
    tables = [table for pair in awards for table in pair.values() if table.size]
    if not tables:
        return ()
    first = _beginning(pairing)
    positions = sorted({int(place) for table in tables for place in table["place"]})
    places = tuple(pairing.b.places[position] for position in positions)
    found: list[Additionality] = []
    for years in YEARS:
        months = min(YEAR * years, pairing.months[-1] + 1 - first)
        if not found or months > found[-1].months:
            found += _over(pairing, awards, places, first, months, years)
    return tuple(found)


def _beginning(pairing: Pairing) -> int:
    """Return the month from which the policies that award grants differ: firms hold projects back for a call to come.

    Where they are the same in both runs, it is the month from which anything differs.
    """
    b, a = (_granting(run.scenario) for run in (pairing.b, pairing.a))
    changes = (first_change(b, a), first_change(pairing.b.scenario, pairing.a.scenario))
    return next((max(month, pairing.months[0]) for month in changes if month is not None), pairing.months[0])


def _granting(scenario: Scenario) -> Scenario:
    """Return a scenario with the policies that award grants alone."""
    kept = zip(scenario.policies, award_grants(scenario.policies), strict=True)
    return replace(scenario, policies=tuple(policy for policy, grants in kept if grants))


def _over(
    pairing: Pairing, awards: Sequence[Awards], places: tuple[str, ...], first: int, months: int, years: int
) -> list[Additionality]:
    """Return additionality over some months; nothing when no more was granted in B in any pair."""
    recipients = [_recipients(pair, first, months) for pair in awards]
    pairs = _pairs(pairing, awards, recipients, places, (first, months))
    some = [position for position, pair in enumerate(pairs) if pair.granted["cluster"] > 0.0]
    if not some:
        return []
    kept = [pairs[position] for position in some]
    earlier = _pairs(pairing, awards, recipients, places, (first - months, months))
    before = sum(abs(earlier[k].spent["recipients"]) + abs(earlier[k].spent["cluster"]) for k in some)
    return [
        Additionality(
            years=years,
            months=months,
            places=places,
            runs=len(some),
            n=pairing.n,
            parts={part: _extra(kept, part) for part in PARTS},
            by_size={size: _extra(kept, size) for size in SIZE_CLASSES if sum(p.granted[size] for p in kept) > 0.0},
            placebo=before / sum(pair.granted["cluster"] for pair in kept),
        )
    ]


def _pairs(
    pairing: Pairing,
    awards: Sequence[Awards],
    recipients: Sequence[dict[int, SizeClass]],
    places: Sequence[str],
    span: tuple[int, int],
) -> list[_Pair]:
    """Return extra spending and grants of every pair over a span: its first month and its number of months."""
    inside = (np.asarray(pairing.months) >= span[0]) & (np.asarray(pairing.months) < span[0] + span[1])
    each = [b - a for b, a in (pairing.monthly("investment", place) for place in places)]
    cluster = np.sum(each, axis=0)[:, inside].sum(axis=1)
    found = []
    for k, number in enumerate(pairing.replicates):
        bought = pairing.b.purchases(number), pairing.a.purchases(number)
        found.append(_pair(recipients[k], awards[k], bought, float(cluster[k]), span))
    return found


def spent_by(purchases: NDArray[np.void], slots: NDArray[np.int64], first: int, months: int) -> float:
    """Return the yuan that firms spent on equipment in ``months`` months from the month ``first`` on.

    Parameters
    ----------
    purchases
        Of one replicate, dtype ``sim.state.record.PURCHASE``.
    slots
        The firms, rising.
    """
    inside = (purchases["month"] >= first) & (purchases["month"] < first + months) & np.isin(purchases["slot"], slots)
    return float(purchases["spending"][inside].sum(dtype=np.float64))


def _recipients(awards: Awards, first: int, months: int) -> dict[int, SizeClass]:
    """Return the firms awarded a grant in either run within the months, by slot, with their size when first awarded."""
    found: dict[int, SizeClass] = {}
    both = np.concatenate([awards["b"], awards["a"]])
    for award in both[np.argsort(both["month"], kind="stable")]:
        if award["month"] < first + months and int(award["slot"]) not in found:
            bounds = (ABOVE_SCALE_YUAN, LARGE_YUAN)
            found[int(award["slot"])] = SIZE_CLASSES[int(np.searchsorted(bounds, award["revenue"], side="right"))]
    return found


def _pair(
    recipients: dict[int, SizeClass],
    awards: Awards,
    bought: tuple[NDArray[np.void], NDArray[np.void]],
    cluster: float,
    span: tuple[int, int],
) -> _Pair:
    """Return extra spending and grants of one pair; ``bought`` are the purchases of B and of A."""
    groups: dict[str, list[int]] = {"recipients": sorted(recipients)}
    groups |= {size: sorted(slot for slot, own in recipients.items() if own == size) for size in SIZE_CLASSES}
    spent, granted, firms = {}, {}, {}
    for name, members in groups.items():
        slots = np.array(members, dtype=np.int64)
        in_b, in_a = (spent_by(table, slots, *span) for table in bought)
        spent[name] = in_b - in_a
        won = {
            side: table[np.isin(table["slot"], slots) & (table["month"] < span[0] + span[1])]
            for side, table in awards.items()
        }
        granted[name] = float(won["b"]["grant"].sum() - won["a"]["grant"].sum())
        rows = np.concatenate([won["b"], won["a"]])
        firms[name] = float(rows["firms"][np.unique(rows["slot"], return_index=True)[1]].sum())
    spent |= {"others": cluster - spent["recipients"], "cluster": cluster}
    granted |= dict.fromkeys(("others", "cluster"), granted["recipients"])
    return _Pair(spent, granted, firms | dict.fromkeys(("others", "cluster"), np.nan))


def _extra(pairs: list[_Pair], name: str) -> Extra:
    each, granted = (np.array([getattr(pair, what)[name] for pair in pairs]) for what in ("spent", "granted"))
    some = granted > 0.0
    return Extra(
        firms=float(np.mean([pair.firms[name] for pair in pairs])),
        yuan=float(each.mean()),
        granted=float(granted.mean()),
        per_yuan=float(each.sum() / granted.sum()),
        band=band(each[some] / granted[some]),
        each=each,
    )


# --- take-up ----------------------------------------------------------------------------------------------------------


def build_take_up(pairing: Pairing, window: tuple[int, int]) -> tuple[TakeUp, ...]:
    """Return the take-up of every policy that awards grants: those of B, then those only A has or has otherwise."""
    return of_both_sides(_take_up(pairing, "B", window), _take_up(pairing, "A", window))


def _take_up(pairing: Pairing, side: Literal["A", "B"], window: tuple[int, int]) -> list[TakeUp]:
    run, rows = pairing.sides["BA".index(side)]
    policies, granting = run.scenario.policies, award_grants(run.scenario.policies)
    if not granting.any():
        return []
    years = np.asarray(run.years)
    calls = run.take_up()[rows][:, (years >= window[0]) & (years <= window[1])].sum(axis=1).mean(axis=0)
    money = run.money()[rows][:, in_years(run, window)].sum(axis=(1, 3)).mean(axis=0)
    found = []
    for position in np.flatnonzero(granting).tolist():
        policy, (number, yuan) = policies[position], calls[position].T.tolist()
        promised, returned = (float(money[position, MONEY_STAGES.index(name)]) for name in ("promised", "returned"))
        if promised > 0.0 or any(number):
            found.append(
                TakeUp(
                    side=side,
                    **named(policy),
                    number=dict(zip(TAKE_UP, number, strict=True)),
                    yuan=dict(zip(TAKE_UP, yuan, strict=True)),
                    promised=promised,
                    returned=returned,
                )
            )
    return found
