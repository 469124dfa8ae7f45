"""How much of a quantity's variation each of many inputs accounts for, from trials in which all vary at once.

The quantity is regressed on the inputs: on a line and a parabola of each, on curves up to the fourth degree of an input
known to matter, on a mean for each level of a category, and on products of the lines of inputs that matter. Terms
enter one after another, the one that explains most of what is left first, and only while it explains more than the
luckiest of all candidates explains of shuffled trials in 95 % of shuffles. So of hundreds of idle inputs together one
is named in 5 % of studies, however many there are.

The share of an input is the covariance of its own curve with the quantity, over the variance of the quantity [1]_. With
independent inputs this is the first-order Sobol index (of what such a curve can follow); with the correlated draws of a
calibration the shares still add up with what is left to 1, and an input that only goes along with another is not named
for it. Sobol's own estimators need thousands of trials for a hundred inputs; with randomness in every trial, regression
needs hundreds.

Some points are tried twice with other random draws. Half the mean squared difference of such twins is the variance of
randomness alone, so that chance is told apart from the many inputs too small to be named.

References
----------
.. [1] Li et al. (2010), Global sensitivity analysis for systems with independent and/or correlated inputs, Journal of
   Physical Chemistry A 114. Freedman and Lane (1983), A nonstochastic interpretation of reported significance levels,
   Journal of Business and Economic Statistics 1, for shuffled residuals.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Final

import numpy as np

from sim.calibrate.generators import generator

if TYPE_CHECKING:
    from sim.calibrate.algebra import Floats, Integers
    from sim.calibrate.generators import Generator

SHUFFLES: Final = 999
FALSE: Final = 0.05
"""Chance that shuffled trials would have let a term in."""
ROWS_A_TERM: Final = 8
"""There are at least so many trials for each coefficient."""
BOOTS: Final = 1000
"""Resamples of the trials behind the whiskers."""
WHISKER: Final = (0.05, 0.95)
"""Ends of the whiskers, as quantiles of the resamples."""
ENDS: Final = (0.05, 0.95)
"""Quantiles of an input at which the quantity is told."""
DEGREES: Final = (1, 2, 3, 4)
"""Of an input's curve; the first two find it."""
LEAST_TWINS: Final = 8
"""With fewer pairs of twins nothing is said of chance."""


@dataclass(frozen=True)
class Term:
    """A function of one input or a product of two: positions of inputs, each with its degree (0: levels)."""

    factors: tuple[tuple[int, int], ...]


class Design:
    """Columns of the terms of a set of trials: polynomials of each input, orthonormal over the trials.

    Parameters
    ----------
    inputs
        Shape (trials, inputs); of a category the number of its level.
    levels
        Number of levels of each category, by column.
    """

    def __init__(self, inputs: Floats, levels: dict[int, int]) -> None:
        self.inputs, self.levels = inputs, levels
        self.moves = np.ptp(inputs, axis=0) > 0.0
        self.centre, spread = inputs.mean(axis=0), inputs.std(axis=0)
        self.spread = np.where(self.moves, spread, 1.0)

    @property
    def numeric(self) -> list[int]:
        """Columns that are numbers and vary."""
        return [k for k in range(self.inputs.shape[1]) if self.moves[k] and k not in self.levels]

    @property
    def categories(self) -> list[Term]:
        """A term for each category that varies."""
        return [Term(((k, 0),)) for k in sorted(self.levels) if self.moves[k]]

    def line(self, position: int) -> int:
        """Return the degree of an input's simplest term."""
        return 0 if position in self.levels else 1

    def columns(self, term: Term, inputs: Floats | None = None) -> Floats:
        """Return the columns of a term at the trials, or at other inputs; shape (rows, degrees of freedom)."""
        rows = self.inputs if inputs is None else inputs
        found = np.ones((len(rows), 1))
        for position, degree in term.factors:
            own = self._own(rows[:, position], position, degree)
            found = (found[:, :, None] * own[:, None, :]).reshape(len(rows), -1)
        return found

    def _own(self, values: Floats, position: int, degree: int) -> Floats:
        if degree == 0:
            level = np.rint(values).astype(np.int64)
            ones = [(level == item).astype(np.float64) for item in range(1, self.levels[position])]
            return np.asarray(np.stack(ones, axis=1))
        return (self._powers(values, position, degree) @ self._to_orthonormal(position, degree))[:, None]

    def _powers(self, values: Floats, position: int, degree: int) -> Floats:
        z = (values - self.centre[position]) / self.spread[position]
        return np.asarray(np.vander(z, degree + 1, increasing=True), dtype=np.float64)

    def _to_orthonormal(self, position: int, degree: int) -> Floats:
        """Return the coefficients of the polynomial of a degree that is orthogonal to all lower ones."""
        powers = self._powers(self.inputs[:, position], position, degree)
        lower, last = powers[:, :-1], powers[:, -1]
        solution, *_ = np.linalg.lstsq(lower, last)
        residual = last - lower @ solution
        size = float(np.sqrt(np.mean(residual**2)))
        return np.append(-solution, 1.0) / (size if size > 1e-9 else np.inf)


def shuffles(points: Integers, random: Generator) -> Integers:
    """Return orders of the trials, shape (shuffles, trials): points change places with points of as many trials."""
    groups: dict[int, list[Integers]] = {}
    for point in np.unique(points):
        rows = np.flatnonzero(points == point)
        groups.setdefault(len(rows), []).append(rows)
    orders = np.tile(np.arange(len(points)), (SHUFFLES, 1))
    for alike in groups.values():
        blocks = np.stack(alike)
        for order in orders:
            order[blocks.ravel()] = blocks[random.permutation(len(blocks))].ravel()
    return orders


class Search:
    """Terms that stand out, found one after another."""

    def __init__(self, design: Design, quantity: Floats, orders: Integers) -> None:
        self.design, self.orders = design, orders
        self.quantity = quantity
        self.terms: list[Term] = []
        self.p: dict[Term, float] = {}
        self.threshold_at_start = float("nan")

    @property
    def inputs(self) -> list[int]:
        """Inputs of the terms found, ascending."""
        return sorted({position for term in self.terms for position, _ in term.factors})

    def enter(self, candidates: Sequence[Term]) -> None:
        """Take in every candidate that stands out, the strongest first, and drop those that no longer do."""
        pool = [term for term in candidates if term not in self.terms]
        if not pool:
            return
        blocks = [self.design.columns(term) for term in pool]
        owner = np.repeat(np.arange(len(pool)), [block.shape[1] for block in blocks])
        threshold = 0.0
        entered: list[Term] = []
        while pool and self._room():
            gains, null = self._gains(blocks, owner, len(pool))
            threshold = float(np.quantile(null, 1.0 - FALSE, method="higher"))
            if np.isnan(self.threshold_at_start):
                self.threshold_at_start = threshold
            best = int(np.argmax(gains))
            if gains[best] <= threshold or pool[best] in self.terms:
                break
            self.terms.append(pool[best])
            entered.append(pool[best])
            self.p[pool[best]] = float((1 + np.count_nonzero(null >= gains[best])) / (1 + len(null)))
        self._drop(entered, threshold)

    def _room(self) -> bool:
        return bool(self._basis().shape[1] + 2 <= len(self.quantity) // ROWS_A_TERM)

    def _basis(self, without: Term | None = None) -> Floats:
        """Return an orthonormal basis of the constant and the terms, shape (trials, rank)."""
        kept = [self.design.columns(term) for term in self.terms if term != without]
        columns = np.concatenate([np.ones((len(self.quantity), 1)), *kept], axis=1)
        left, sizes, _ = np.linalg.svd(columns, full_matrices=False)
        return np.asarray(left[:, sizes > 1e-10 * sizes[0]])

    def _gains(self, blocks: Sequence[Floats], owner: Integers, count: int) -> tuple[Floats, Floats]:
        """Return the share of what is left that each candidate explains, and the best such share in each shuffle."""
        basis = self._basis()
        units = _unit_columns(blocks, basis)
        residual = self.quantity - basis @ (basis.T @ self.quantity)
        shuffled = residual[self.orders].T
        shuffled = shuffled - basis @ (basis.T @ shuffled)
        explained = np.bincount(owner, weights=(units.T @ residual) ** 2, minlength=count)
        squares = (units.T @ shuffled) ** 2
        starts = np.flatnonzero(np.diff(owner, prepend=-1))
        null = np.add.reduceat(squares, starts, axis=0).max(axis=0) / np.maximum((shuffled**2).sum(axis=0), 1e-300)
        return explained / max(float(residual @ residual), 1e-300), null

    def _drop(self, entered: Sequence[Term], threshold: float) -> None:
        """Drop terms of those just entered that no longer stand out beside the others, the weakest first."""
        left = list(entered)
        while left:
            gains = [self._gain_of(term) for term in left]
            weakest = int(np.argmin(gains))
            if gains[weakest] > threshold:
                return
            self.terms.remove(left.pop(weakest))

    def _gain_of(self, term: Term) -> float:
        basis = self._basis(without=term)
        residual = self.quantity - basis @ (basis.T @ self.quantity)
        units = _unit_columns([self.design.columns(term)], basis)
        return float(((units.T @ residual) ** 2).sum() / max(float(residual @ residual), 1e-300))


def _unit_columns(blocks: Sequence[Floats], basis: Floats) -> Floats:
    """Return the columns of blocks, each block orthonormal and orthogonal to the basis; zero where nothing is left."""
    found = []
    for block in blocks:
        own = block - basis @ (basis.T @ block)
        if own.shape[1] > 1:
            left, sizes, _ = np.linalg.svd(own, full_matrices=False)
            own = left * (sizes > 1e-8 * max(float(np.abs(block).max()), 1e-300) * np.sqrt(len(block)))
        else:
            size = float(np.sqrt((own**2).sum()))
            whole = float(np.sqrt((block**2).sum()))
            own = own / size if size > 1e-8 * max(whole, 1e-300) else np.zeros_like(own)
        found.append(own)
    return np.concatenate(found, axis=1)


# --- shares ---


@dataclass(frozen=True)
class Estimate:
    """A number with its whiskers."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Effect:
    """What one input does.

    Attributes
    ----------
    position
        Column of the input.
    share
        Of the variance of the quantity.
    p
        Share of shuffles in which the luckiest candidate did as well, when the input entered.
    at
        Where it is told: the input's values at ``ENDS``, or every level of a category.
    expected
        The quantity expected there, all other inputs averaged.
    """

    position: int
    share: Estimate
    p: float
    at: tuple[float, ...]
    expected: tuple[Estimate, ...]


@dataclass(frozen=True)
class Shares:
    """What accounts for the variation of a quantity.

    Attributes
    ----------
    effects
        Of the inputs that stand out, largest share first.
    together
        Share that pairs of them add by acting together.
    chance
        Share of randomness alone; None with too few twins.
    left
        Share that no term explains: randomness, and inputs that do not stand out.
    detectable
        An input with a share below this could not have stood out at the start.
    terms
        Terms taken in.
    """

    effects: tuple[Effect, ...]
    together: Estimate
    chance: Estimate | None
    left: Estimate
    detectable: float
    terms: tuple[Term, ...]

    @property
    def randomness(self) -> float:
        """Share of chance, no more than what the terms leave; NaN when it is not known."""
        return min(self.chance.value, max(self.left.value, 0.0)) if self.chance is not None else float("nan")

    @property
    def small(self) -> float:
        """Share of inputs that do not stand out, one by one or together; NaN when chance is not known."""
        return max(self.left.value, 0.0) - self.randomness


def shares_of(
    inputs: Floats,
    quantity: Floats,
    points: Integers,
    seed: int,
    levels: Mapping[int, int] | None = None,
    boots: int = BOOTS,
) -> Shares:
    """Return what accounts for the variation of a quantity.

    Parameters
    ----------
    inputs
        Shape (trials, inputs), in units in which effects are smooth; of a category the number of its level.
    quantity
        Shape (trials,), finite.
    points
        Number of the point each trial was run at; trials of one point are twins, with equal inputs.
    seed
        Of shuffles and resamples.
    levels
        Number of levels of each category, by column.

    Raises
    ------
    ValueError
        If the quantity does not vary.
    """
    if not np.ptp(quantity) > 0.0:
        raise ValueError("the quantity is the same in every trial")
    made = Design(inputs, dict(levels or {}))
    random = generator(seed)
    search = Search(made, quantity, shuffles(points, random))
    search.enter([Term(((k, degree),)) for degree in DEGREES[:2] for k in made.numeric] + made.categories)
    detectable = search.threshold_at_start
    named = [k for k in search.inputs if k not in made.levels]
    search.enter([Term(((k, degree),)) for degree in DEGREES for k in named])
    search.enter([Term(((a, made.line(a)), (b, made.line(b)))) for a, b in combinations(search.inputs, 2)])
    return _Told(made, quantity, points, search).shares(detectable, random, boots)


class _Told:
    """Shares and expected values of the terms found, with whiskers."""

    def __init__(self, design: Design, quantity: Floats, points: Integers, search: Search) -> None:
        self.design, self.quantity, self.points = design, quantity, points
        self.terms = tuple(search.terms)
        self.p = search.p
        blocks = [design.columns(term) for term in self.terms]
        self.owner = np.repeat(np.arange(len(blocks)), [block.shape[1] for block in blocks]).astype(np.int64)
        self.columns = np.concatenate(blocks, axis=1) if blocks else np.empty((len(quantity), 0))
        singles = {term.factors[0][0] for term in self.terms if len(term.factors) == 1}
        self.named = sorted(singles)
        self.of_input = {k: self._columns_of(k) for k in self.named}
        self.of_pairs = np.flatnonzero([len(self.terms[k].factors) > 1 for k in self.owner]).astype(np.int64)
        self.twins = _twins(points)

    def _columns_of(self, position: int) -> Integers:
        own = [self.terms[k].factors[0][0] == position and len(self.terms[k].factors) == 1 for k in self.owner]
        return np.flatnonzero(own).astype(np.int64)

    def shares(self, detectable: float, random: Generator, boots: int) -> Shares:
        """Return everything that is told."""
        places, count = {k: self._places(k) for k in self.named}, len(self.named)
        first = self._once(np.ones(len(self.quantity)), places)
        weights = _resamples(self.points, random, boots)
        sample = np.array([self._once(each, places) for each in weights] or [first])
        # Fitting noise adds to a share, once in the trials and once more in a resample of them.
        excess = np.zeros(len(first))
        excess[: count + 2] = self._excess()
        first, sample = first - excess, sample - (2.0 if weights else 1.0) * excess
        told = [Estimate(*map(float, each)) for each in zip(first, *np.quantile(sample, WHISKER, axis=0), strict=True)]
        expected = iter(told[count + 3 :])
        effects = [
            Effect(k, told[number], self._p(k), tuple(places[k].tolist()), tuple(next(expected) for _ in places[k]))
            for number, k in enumerate(self.named)
        ]
        order = sorted(effects, key=lambda effect: (-effect.share.value, effect.position))
        chance = told[count + 2] if len(self.twins) >= LEAST_TWINS else None
        return Shares(tuple(order), told[count], chance, told[count + 1], detectable, self.terms)

    def _p(self, position: int) -> float:
        return min(self.p[term] for term in self.terms if term.factors[0][0] == position and len(term.factors) == 1)

    def _places(self, position: int) -> Floats:
        """Return the values of an input where the quantity is told: at ``ENDS``, or every level."""
        if position in self.design.levels:
            return np.arange(float(self.design.levels[position]))
        return np.asarray(np.quantile(self.design.inputs[:, position], ENDS))

    def _excess(self) -> list[float]:
        """Return what fitting noise adds on average to the share of each input, of pairs, and to what is left."""
        rows, count = len(self.quantity), self.columns.shape[1] + 1
        _, coefficients = self._fitted(np.ones(rows))
        residual = self.quantity - self.quantity.mean() - (self.columns - self.columns.mean(axis=0)) @ coefficients
        one = float(residual @ residual) / max(rows - count, 1) / (rows * float(np.var(self.quantity)))
        found = [*(one * len(self.of_input[k]) for k in self.named), one * len(self.of_pairs)]
        return [*found, -sum(found)]

    def _fitted(self, weights: Floats) -> tuple[Floats, Floats]:
        """Return the weighted means of the columns, and the coefficients."""
        total = weights.sum()
        middle = weights @ self.columns / total
        mean = float(weights @ self.quantity) / total
        root = np.sqrt(weights)
        solution, *_ = np.linalg.lstsq((self.columns - middle) * root[:, None], (self.quantity - mean) * root)
        return middle, solution

    def _once(self, weights: Floats, places: Mapping[int, Floats]) -> Floats:
        """Return what is told with given weights of the trials.

        In order: the share of each input, of pairs, of what is left and of chance; then what is expected at each place.
        """
        total = float(weights.sum())
        mean = float(weights @ self.quantity) / total
        around = self.quantity - mean
        variance = max(float(weights @ around**2) / total, 1e-300)
        middle, coefficients = self._fitted(weights)
        products = (weights * around) @ (self.columns - middle) / total * coefficients / variance
        share = [*(float(products[self.of_input[k]].sum()) for k in self.named), float(products[self.of_pairs].sum())]
        expected = []
        for k in self.named:
            own = self.of_input[k]
            expected.append(mean + (self._columns_at(k, places[k]) - middle[own]) @ coefficients[own])
        chance = 0.0
        if len(self.twins):
            one, other = self.quantity[self.twins[:, 0]], self.quantity[self.twins[:, 1]]
            counted = weights[self.twins[:, 0]]
            chance = float(counted @ (one - other) ** 2) / max(float(counted.sum()), 1e-300) / 2.0 / variance
        return np.concatenate([share, [1.0 - sum(share), chance], *expected])

    def _columns_at(self, position: int, places: Floats) -> Floats:
        rows = np.zeros((len(places), self.design.inputs.shape[1]))
        rows[:, position] = places
        own = [term for term in self.terms if len(term.factors) == 1 and term.factors[0][0] == position]
        return np.concatenate([self.design.columns(term, rows) for term in own], axis=1)


def _twins(points: Integers) -> Integers:
    """Return the first two rows of every point that was tried twice, shape (twins, 2)."""
    found = []
    for point in np.unique(points):
        rows = np.flatnonzero(points == point)
        if len(rows) > 1:
            found.append(rows[:2])
    return np.array(found, dtype=np.int64).reshape(-1, 2)


def _resamples(points: Integers, random: Generator, boots: int) -> list[Floats]:
    """Return weights of the trials when points are drawn again with replacement, twins always together."""
    _, index = np.unique(points, return_inverse=True)
    count = int(index.max()) + 1
    draws = random.integers(0, count, size=(boots, count))
    return [np.bincount(row, minlength=count).astype(np.float64)[index] for row in draws]
