"""The statistics of a comparison, and the words of a verdict: pure functions on arrays, no files, no runs.

Columns hold variables (or periods), rows hold runs. Paired: row r of B and of A are the same simulated future under
two policies. Unpaired: the two runs share nothing, so every combination of a B row and an A row is one draw.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

QUANTILES = (0.05, 0.25, 0.50, 0.75, 0.95)
MINIMUM_RUNS_FOR_BAND = 20
"""With fewer runs no band is shown, only the median."""
MINIMUM_RUNS_FOR_FIRM_BAND = 50
"""With fewer runs the 90% band is shown and marked rough: its ends rest on one or two runs."""
MEAN_OVER_MEDIAN = 1.5
"""A mean beyond this many times the median, or of other sign, does not speak for most runs."""
FEWEST_TO_CARRY = 8
"""With fewer values no few of them are told from the rest."""
STANDS_OUT = 5.0
"""Robust standard deviations from the median from which on a value stands out."""
NORMAL_CONSISTENCY = 1.4826
"""Median absolute deviation times this is the standard deviation of a normal distribution."""
NOISE_CUT_WARNING = 2.0
"""Pairing that cuts the noise less than this says the random streams are not aligned."""

Verdict = Literal["clear", "likely", "no clear difference", "too few runs", "identical"]
VERDICTS_ZH: dict[Verdict, str] = {
    "clear": "明确",
    "likely": "较可能",
    "no clear difference": "尚不明确",
    "too few runs": "推演次数不足",
    "identical": "完全相同",
}
CLEAR = 0.95
"""A share of runs at least this, or at most its complement, is clear."""
LIKELY = 0.80


@dataclass(frozen=True)
class Band:
    """Quantiles and mean over runs; with fewer than 20 runs only ``p50`` and ``mean`` are numbers, the rest is NaN."""

    p05: float = math.nan
    p25: float = math.nan
    p50: float = math.nan
    p75: float = math.nan
    p95: float = math.nan
    mean: float = math.nan

    @property
    def shown(self) -> bool:
        """Whether the band itself may be shown (20 runs or more)."""
        return not math.isnan(self.p05)

    @property
    def quantiles(self) -> dict[str, float]:
        """Quantiles by name."""
        return {name: value for name, value in vars(self).items() if name != "mean"}


@dataclass(frozen=True)
class Contrast:
    """Levels of A and B in one column and their difference.

    Attributes
    ----------
    n
        Number of pairs; unpaired: the smaller number of runs.
    a, b
        Levels over the runs. Never subtract these from each other.
    difference
        Quantiles and mean of B − A, run by run; ``p50``, the median of differences, is the headline.
    difference_pct
        Quantiles of 100 (B − A) / A; NaN when A changes sign or is zero in a run.
    mc_se, a_se, b_se
        Simulation noise: standard error of the mean difference and of the mean levels. Falls with more runs.
    prob_higher
        Share of runs with B above A; ties count half.
    variance_reduction
        (var A + var B) / var(B − A): how much pairing cut the noise. NaN when unpaired or when nothing varies.
    a_values, b_values
        Levels of each run used, shape (runs,).
    """

    n: int
    paired: bool
    a: Band
    b: Band
    difference: Band
    difference_pct: Band
    mc_se: float
    a_se: float
    b_se: float
    prob_higher: float
    variance_reduction: float
    a_values: Floats = field(repr=False, compare=False)
    b_values: Floats = field(repr=False, compare=False)

    @property
    def differences(self) -> Floats:
        """B − A of each pair, shape (pairs,); unpaired: of every combination, shape (runs of B * runs of A,)."""
        return differences(self.b_values, self.a_values, paired=self.paired)

    @property
    def carriers(self) -> tuple[int, ...]:
        """Positions of the few pairs that alone make the mean difference; see ``carriers``."""
        return carriers(self.differences) if self.paired else ()

    @property
    def verdict(self) -> Verdict:
        """What is to be said of the difference."""
        identical = self.paired and self.n > 0 and bool(np.array_equal(self.b_values, self.a_values))
        return verdict(self.prob_higher, self.n, identical=identical)


@dataclass(frozen=True)
class Amount:
    """A difference of every pair: quantiles and mean, Monte Carlo error of the mean, what is to be said, the values."""

    band: Band
    mc_se: float
    verdict: Verdict
    each: Floats = field(repr=False, compare=False)


def amount(each: Floats) -> Amount:
    """Return what is told of a difference of every pair, shape (pairs,)."""
    word = verdict(share_above(each), each.size, identical=not each.any())
    return Amount(band(each), float(mean_se(each[:, None])[0]), word, each)


def band(values: Floats, runs: int | None = None) -> Band:
    """Return quantiles and mean of ``values`` (any shape, flattened).

    Parameters
    ----------
    values
        One number per run (or per combination of runs).
    runs
        Number of independent runs behind them, when not ``values.size``. Below 20, or when a value is not finite,
        the quantiles other than the median are NaN.
    """
    return bands(np.asarray(values, dtype=float).reshape(-1, 1), runs)[0]


def bands(values: Floats, runs: int | None = None) -> list[Band]:
    """Return one band per column of ``values``, shape (runs, columns); NaN columns give empty bands."""
    if values.size == 0:
        return [Band() for _ in range(values.shape[1])]
    independent = values.shape[0] if runs is None else runs
    quantiles = np.quantile(values, QUANTILES, axis=0)
    means = values.mean(axis=0)
    if independent < MINIMUM_RUNS_FOR_BAND:
        quantiles[[0, 1, 3, 4]] = math.nan
    return [Band(*column) for column in np.vstack([quantiles, means]).T.tolist()]


def share_above(values: Floats, threshold: float = 0.0) -> float:
    """Return the share of ``values`` above ``threshold``; ties count half. NaN without values."""
    if values.size == 0:
        return math.nan
    above = np.count_nonzero(values > threshold)
    ties = np.count_nonzero(values == threshold)
    return float((above + 0.5 * ties) / values.size)


def mean_se(values: Floats) -> Floats:
    """Return the standard error of the mean of each column; NaN with fewer than two runs."""
    runs = values.shape[0]
    if runs < 2:
        return np.full(values.shape[1], math.nan)
    # A column without variation is exact; the usual formula leaves rounding error there.
    spread = np.where(np.ptp(values, axis=0) == 0.0, 0.0, values.std(axis=0, ddof=1))
    return np.asarray(spread / math.sqrt(runs), dtype=float)


def percent_differences(differences: Floats, a: Floats) -> Floats:
    """Return 100 ``differences`` / ``a`` by element; a whole column is NaN when ``a`` changes sign or is zero in it."""
    one_sign = np.all(a > 0, axis=0) | np.all(a < 0, axis=0)
    safe = np.where(one_sign, a, 1.0)
    return np.where(one_sign, 100.0 * differences / safe, math.nan)


def differences(b: Floats, a: Floats, *, paired: bool) -> Floats:
    """Return B − A along the first axis: of each pair, or of every combination of a B and an A run when unpaired."""
    if paired:
        return b - a
    return np.asarray((b[:, None, ...] - a[None, :, ...]).reshape(-1, *b.shape[1:]), dtype=float)


def contrast(b: Floats, a: Floats, *, paired: bool) -> list[Contrast]:
    """Compare the columns of ``b``, shape (runs of B, columns), with those of ``a``, shape (runs of A, columns).

    Parameters
    ----------
    b, a
        Levels. When ``paired`` both have the same number of rows and row r is one pair. In a column with values that
        are not finite those runs (pairs) are left out, so ``n`` may differ between columns.
    paired
        False compares independent draws: every row of B with every row of A.

    Raises
    ------
    ValueError
        When the shapes do not fit together.
    """
    if b.shape[1] != a.shape[1] or (paired and b.shape[0] != a.shape[0]):
        raise ValueError(f"cannot compare values of shape {b.shape} with {a.shape}")
    whole = np.atleast_1d(np.isfinite(b).all(axis=0) & np.isfinite(a).all(axis=0))
    complete = iter(_contrast_complete(b[:, whole], a[:, whole], paired=paired))
    return [
        next(complete) if whole[k] else _contrast_with_gaps(b[:, k], a[:, k], paired=paired) for k in range(b.shape[1])
    ]


def _contrast_with_gaps(b: Floats, a: Floats, *, paired: bool) -> Contrast:
    """Compare one column after leaving out what is not finite."""
    keep_b, keep_a = np.isfinite(b), np.isfinite(a)
    if paired:
        keep_b = keep_a = keep_b & keep_a
    return _contrast_complete(b[keep_b][:, None], a[keep_a][:, None], paired=paired)[0]


def _contrast_complete(b: Floats, a: Floats, *, paired: bool) -> list[Contrast]:
    """Compare columns that hold numbers only."""
    runs = min(b.shape[0], a.shape[0])
    apart = differences(b, a, paired=paired)
    percent = percent_differences(apart, a if paired else np.tile(a, (b.shape[0], 1)))
    se_a, se_b = mean_se(a), mean_se(b)
    difference_se = mean_se(apart) if paired else np.hypot(se_b, se_a)
    bands_a, bands_b, bands_d, bands_pct = bands(a), bands(b), bands(apart, runs), bands(percent, runs)
    return [
        Contrast(
            n=runs,
            paired=paired,
            a=bands_a[k],
            b=bands_b[k],
            difference=bands_d[k],
            difference_pct=bands_pct[k],
            mc_se=float(difference_se[k]),
            a_se=float(se_a[k]),
            b_se=float(se_b[k]),
            prob_higher=share_above(apart[:, k]),
            variance_reduction=variance_reduction(b[:, k], a[:, k]) if paired else math.nan,
            a_values=a[:, k],
            b_values=b[:, k],
        )
        for k in range(b.shape[1])
    ]


def variance_reduction(b: Floats, a: Floats) -> float:
    """Return (var a + var b) / var(b - a): infinite for a constant difference, NaN when nothing varies."""
    if b.size < 2:
        return math.nan
    apart = _variance(b - a)
    together = _variance(a) + _variance(b)
    if apart == 0.0:
        return math.inf if together > 0.0 else math.nan
    return together / apart


def _variance(values: Floats) -> float:
    """Sample variance, exactly zero for equal values."""
    return 0.0 if float(np.ptp(values)) == 0.0 else float(values.var(ddof=1))


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


def part_ways(mean: float, median: float) -> bool:
    """Whether a mean lies beyond 1.5 times the median or has another sign: it does not speak for most runs."""
    return mean != median and (mean * median <= 0.0 or abs(mean) > MEAN_OVER_MEDIAN * abs(median))


def carriers(values: Floats) -> tuple[int, ...]:
    """Return the positions of the few values (a tenth at most) that alone make the mean part from the median.

    Parameters
    ----------
    values
        One difference for each pair, shape (pairs,).

    Returns
    -------
    tuple[int, ...]
        Those farthest from the median on the side of the mean, as few as it takes for the mean of the rest to agree
        with the median again. Empty where mean and median agree, where there are fewer than 8 values, or where no value
        stands out: each must lie 5 robust standard deviations (1.4826 times the median absolute deviation; Rousseeuw
        and Croux 1993) from the median.
    """
    if values.size < FEWEST_TO_CARRY or not np.isfinite(values).all():
        return ()
    mean, median = float(values.mean()), float(np.median(values))
    if not part_ways(mean, median):
        return ()
    away = (values - median) * (1.0 if mean > median else -1.0)
    spread = NORMAL_CONSISTENCY * float(np.median(np.abs(values - median)))
    order = np.argsort(-away, kind="stable")
    for few in range(1, max(values.size // 10, 1) + 1):
        if away[order[few - 1]] <= STANDS_OUT * spread:
            break
        if not part_ways(float(np.delete(values, order[:few]).mean()), median):
            return tuple(order[:few].tolist())
    return ()


def is_rough(runs: int) -> bool:
    """Whether 90% bands of this many runs are to be marked rough."""
    return MINIMUM_RUNS_FOR_BAND <= runs < MINIMUM_RUNS_FOR_FIRM_BAND


def decimals_shown(standard_error: float, value: float, *, at_most: int = 6) -> int:
    """Return how many decimals of ``value`` its Monte-Carlo standard error allows (negative: tens, hundreds, ...).

    The standard error is rounded to two significant digits; the place of its first one is the last digit shown:
    0.62 gives one decimal, 0.024 two, 130 minus two (hundreds). Without a standard error (one run, or a value that is
    the same in all runs) three significant digits of the value are shown.
    """
    if math.isfinite(standard_error) and standard_error > 0.0:
        rounded = float(f"{standard_error:.1e}")
        return min(-math.floor(math.log10(rounded)), at_most)
    if value == 0.0 or not math.isfinite(value):
        return 0
    return max(min(2 - math.floor(math.log10(abs(value))), at_most), 0)
