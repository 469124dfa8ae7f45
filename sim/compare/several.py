"""Several scenarios against one baseline: differences side by side, head to head, and the interaction of halves."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING

import numpy as np

from sim.compare.build import chosen_years, compare
from sim.compare.money import DISCOUNT_RATE_A_YEAR
from sim.compare.runs import pair, policy_changes, shared_years
from sim.compare.statistics import amount, share_above
from sim.errors import UserError
from sim.observables import INDEX, observable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sim.compare.comparison import Comparison
    from sim.compare.statistics import Band, Verdict
    from sim.experiments import Run
    from sim.scenario.resolved import Scenario

SMALL_SHARE = 0.1
"""An interaction that stays below this share of the whole's difference is small."""


@dataclass(frozen=True)
class Interaction:
    """What the whole does beyond the sum of its halves: (whole − A) − (first − A) − (second − A), pair by pair.

    ``whole`` is its position among the scenarios. ``share_of_whole`` is the median interaction over the median
    difference of the whole (NaN when that is zero). ``small`` says that the whole 90% band lies within a tenth of that
    difference.
    """

    whole: int
    difference: Band
    mc_se: float
    n_pairs: int
    verdict: Verdict
    share_of_whole: float
    small: bool


@dataclass(frozen=True)
class Several:
    """Scenarios in the order given, each compared with the same baseline, for one variable in one year.

    ``beats[i][j]`` is the share of pairs in which scenario i is better than j in that variable (ties count half;
    higher counts as better where neither direction is); ``pairs[i][j]`` counts those pairs.
    """

    variable: str
    at: int
    comparisons: tuple[Comparison, ...]
    beats: tuple[tuple[float, ...], ...]
    pairs: tuple[tuple[int, ...], ...]
    interaction: Interaction | None


def compare_several(
    scenarios: Sequence[Run],
    baseline: Run,
    variable: str = "employment",
    at: int | None = None,
    window: tuple[int, int] | None = None,
    *,
    discount_rate: float = DISCOUNT_RATE_A_YEAR,
) -> Several:
    """Compare each scenario with the baseline, and the scenarios with each other, over years that all the runs hold.

    Raises
    ------
    UserError
        For an unknown variable, or when two of the runs cannot be paired.
    """
    if variable not in INDEX:
        raise UserError(f'there is no variable "{variable}"\n     variables: {", ".join(INDEX)}')
    year, window = chosen_years(shared_years([*scenarios, baseline]), at, window)
    comparisons = tuple(compare(b, baseline, year, window, discount_rate=discount_rate) for b in scenarios)
    beats, pairs = _head_to_head(scenarios, variable, year)
    return Several(variable, year, comparisons, beats, pairs, _interaction(scenarios, baseline, variable, year))


def _head_to_head(
    scenarios: Sequence[Run], variable: str, year: int
) -> tuple[tuple[tuple[float, ...], ...], tuple[tuple[int, ...], ...]]:
    """Return for every ordered pair of scenarios how often the first is better, and the number of pairs."""
    sign = -1.0 if observable(variable).good == "lower" else 1.0
    shares = np.full((len(scenarios), len(scenarios)), 0.5)
    counts = np.zeros(shares.shape, dtype=int)
    for i, first in enumerate(scenarios):
        counts[i, i] = len(first.replicates)
        for j in range(i + 1, len(scenarios)):
            pairing = pair(first, scenarios[j])
            b, a = (values[:, pairing.years.index(year)] for values in pairing.annual(variable))
            shares[i, j] = share_above(sign * (b - a))
            shares[j, i] = 1.0 - shares[i, j]
            counts[i, j] = counts[j, i] = pairing.n
    return tuple(tuple(row) for row in shares.tolist()), tuple(tuple(row) for row in counts.tolist())


def _interaction(scenarios: Sequence[Run], baseline: Run, variable: str, year: int) -> Interaction | None:
    """Return the interaction when one scenario is exactly two of the others together."""
    found = find_halves([run.scenario for run in scenarios], baseline.scenario)
    if found is None:
        return None
    whole, halves = found
    runs = (baseline, scenarios[whole], *(scenarios[position] for position in halves))
    shared = reduce(np.intersect1d, (run.replicates for run in runs))
    if shared.size == 0:
        return None
    a, w, first, second = (values_in(run, shared, variable, year) for run in runs)
    beyond = w - first - second + a
    middle = float(np.median(w - a))
    told = amount(beyond)
    result = told.band
    return Interaction(
        whole=whole,
        difference=result,
        mc_se=told.mc_se,
        n_pairs=int(shared.size),
        verdict=told.verdict,
        share_of_whole=result.p50 / middle if middle else float("nan"),
        small=result.shown and max(abs(result.p05), abs(result.p95)) < SMALL_SHARE * abs(middle),
    )


def values_in(run: Run, replicates: NDArray[np.int64], variable: str, year: int) -> NDArray[np.float64]:
    """Return one year of a variable for some replicates of a run, shape (replicates,)."""
    rows = np.searchsorted(run.replicates, replicates)
    column = int(np.searchsorted(run.years, year))
    return np.asarray(run.annual(variable)[rows, column])


def find_halves(scenarios: Sequence[Scenario], baseline: Scenario) -> tuple[int, tuple[int, int]] | None:
    """Return positions of a whole and its two halves among the scenarios, or None.

    A scenario is the whole of two others when what it changes in the baseline's policies is what they change, policy
    by policy, and the two change different policies.
    """
    changes = [policy_changes(scenario, baseline) for scenario in scenarios]
    positions = range(len(scenarios))
    for whole in positions:
        for first in positions:
            for second in range(first + 1, len(scenarios)):
                if whole in (first, second) or not changes[first] or not changes[second]:
                    continue
                apart = not changes[first].keys() & changes[second].keys()
                if apart and changes[whole] == {**changes[first], **changes[second]}:
                    return whole, (first, second)
    return None
