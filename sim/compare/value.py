"""Value for money: what a yuan of extra public money goes with, and jobs lost at firms without a grant."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from sim.compare.comparison import Displaced, ValueRow
from sim.compare.runs import window_values
from sim.compare.statistics import MINIMUM_RUNS_FOR_BAND, Band, band, differences, mean_se
from sim.observables import observable

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sim.compare.comparison import Basis, Measure, Money
    from sim.compare.runs import Floats, Pairing

YUAN_PER_MILLION = 1e6


MEASURES: tuple[Measure, ...] = ("jobs_per_million", "output_per_yuan", "tax_per_yuan", "cost_per_job")


@dataclass(frozen=True)
class _Extra:
    """B − A of each pair: jobs in the headline year, output and tax of the window."""

    pairing: Pairing
    window: str
    jobs: Floats
    output: Floats
    tax: Floats


def build_value(pairing: Pairing, money: Money, at: int) -> tuple[ValueRow, ...]:
    """Return jobs per million yuan, output and tax per yuan and cost per job, each per pair before any quantile.

    Jobs are those in the year ``at``; output, tax and money are added up over the window. All four are undefined when
    B does not cost more than A in some run, cost per job also when the 5% quantile of extra jobs is not positive. They
    are given for the money paid; where funds granted other sums than they paid, then for the money granted as well.
    """
    extra = _Extra(
        pairing,
        f"{money.window[0]}-{money.window[1]}",
        _difference(pairing, "employment", (at, at)),
        _difference(pairing, "output_value", money.window),
        _difference(pairing, "tax_paid", money.window),
    )
    rows = _measures(extra, money.each, "paid")
    if np.allclose(money.each, money.each_granted, rtol=1e-9, atol=1.0):
        return rows
    return (*rows, *_measures(extra, money.each_granted, "granted"))


def _measures(extra: _Extra, money: Floats, basis: Basis) -> tuple[ValueRow, ...]:
    """Return the four measures for one kind of money, yuan of each pair."""
    costless = int(np.count_nonzero(money <= 0.0))
    if costless:
        reasons = _no_extra_money(costless, money.size, extra.pairing.paired, basis)
        empty = band(np.empty(0))
        return tuple(ValueRow(name, extra.window, empty, False, *reasons, basis=basis) for name in MEASURES)
    per_tax = extra.tax / money
    rows = (
        _ratio(extra, "jobs_per_million", YUAN_PER_MILLION * extra.jobs / money),
        _ratio(extra, "output_per_yuan", extra.output / money),
        replace(_ratio(extra, "tax_per_yuan", per_tax), prob_paid_back=float(np.mean(per_tax >= 1.0))),
        _cost_per_job(extra.pairing, extra.window, extra.jobs, money),
    )
    return tuple(replace(row, basis=basis) for row in rows)


def build_displaced(pairing: Pairing, at: int) -> Displaced | None:
    """Split the employment difference of the year ``at`` by support; None when unpaired or nobody was supported."""
    if not pairing.paired:
        return None
    net = _difference(pairing, "employment", (at, at))
    splits = [
        supported_difference(pairing.b.tracked(replicate), pairing.a.tracked(replicate), at)
        for replicate in pairing.replicates
    ]
    gained, steady, firms, missing = (np.array(column, dtype=float) for column in zip(*splits, strict=True))
    if not firms.any():
        return None
    return Displaced(
        supported=band(gained),
        unsupported=band(net - gained),
        unsupported_if_steady=band(net - steady),
        supported_firms=float(firms.mean()),
        missing_firms=float(missing.mean()),
    )


def supported_difference(b: NDArray[np.void], a: NDArray[np.void], at: int) -> tuple[float, float, int, int]:
    """Compare the staff of firms supported in B with the same rows in A, at the end of the year ``at``.

    Parameters
    ----------
    b, a
        Tracked rows of one pair, dtype ``TRACKED``.

    Returns
    -------
    Difference with rows absent in A taken as 0 workers there (firms that closed in B count 0 in B); the same with
    rows never tracked in A taken to have had B's staff; supported rows; those of them never tracked in A up to ``at``.
    """
    supported = _row_keys(b[(b["supported"] == 1) & (b["year"] <= at)])
    known = _row_keys(a[a["year"] <= at])
    workers_b, workers_a = _workers(b, at), _workers(a, at)
    gained = steady = 0.0
    missing = 0
    for key in supported:
        apart = workers_b.get(key, 0.0) - workers_a.get(key, 0.0)
        gained += apart
        if key in known:
            steady += apart
        else:
            missing += 1
    return gained, steady, len(supported), missing


def _row_keys(tracked: NDArray[np.void]) -> set[tuple[int, int]]:
    """Firm rows present: slot and place."""
    return set(zip(tracked["slot"].tolist(), tracked["place"].tolist(), strict=True))


def _workers(tracked: NDArray[np.void], year: int) -> dict[tuple[int, int], float]:
    """Workers of each firm row at the end of ``year``."""
    rows = tracked[tracked["year"] == year]
    keys = zip(rows["slot"].tolist(), rows["place"].tolist(), strict=True)
    return dict(zip(keys, rows["workers"].tolist(), strict=True))


def _difference(pairing: Pairing, variable: str, window: tuple[int, int]) -> Floats:
    """B − A of one variable folded over a window, by pair (or combination)."""
    b, a = pairing.annual(variable)
    item = observable(variable)
    folded = (window_values(values, pairing.years, window, item) for values in (b, a))
    return differences(*folded, paired=pairing.paired)


def _ratio(extra: _Extra, measure: Measure, each: Floats) -> ValueRow:
    """Return a measure that is defined in every run."""
    pairing = extra.pairing
    error = float(mean_se(each[:, None])[0]) if pairing.paired else float("nan")
    return ValueRow(measure, extra.window, band(each, pairing.n), True, mc_se=error, each=each)


def _cost_per_job(pairing: Pairing, window: str, jobs: Floats, extra: Floats) -> ValueRow:
    """Return yuan per extra job, only when extra jobs are positive down to their 5% quantile.

    A ratio whose denominator crosses zero has no mean and no meaningful quantiles. The quantiles are the reciprocals
    of those of jobs per million yuan, so the few runs without extra jobs beyond the 5% quantile stay counted.
    """
    empty = band(np.empty(0))
    if pairing.n < MINIMUM_RUNS_FOR_BAND:
        reason = f"not defined: {pairing.n} runs are too few to rule out lost jobs"
        reason_zh = f"无法计算：{pairing.n}次推演太少，不能排除就业减少"
        return ValueRow("cost_per_job", window, empty, False, reason, reason_zh)
    per_yuan = band(jobs / extra, pairing.n)
    if not (float(np.quantile(jobs, 0.05)) > 0.0 and per_yuan.p05 > 0.0):
        lost, same = int(np.count_nonzero(jobs < 0.0)), int(np.count_nonzero(jobs == 0.0))
        return ValueRow("cost_per_job", window, empty, False, *_jobs_reason(lost, same, jobs.size, pairing))
    cost = Band(1 / per_yuan.p95, 1 / per_yuan.p75, 1 / per_yuan.p50, 1 / per_yuan.p25, 1 / per_yuan.p05)
    return ValueRow("cost_per_job", window, cost, True)


def _jobs_reason(lost: int, same: int, draws: int, pairing: Pairing) -> tuple[str, str]:
    """Say why there is no cost per job."""
    what, what_zh = ("runs", "次推演") if pairing.paired else ("unpaired draws", "次非配对抽样")
    if lost:
        return f"not defined: {lost} of {draws} {what} lose jobs", f"无法计算：{draws}{what_zh}中有{lost}次就业减少"
    return f"not defined: {same} of {draws} {what} gain no jobs", f"无法计算：{draws}{what_zh}中有{same}次就业没有增加"


def _no_extra_money(costless: int, draws: int, paired: bool, basis: Basis) -> tuple[str, str]:
    """Say why nothing can be divided by extra public money."""
    what, what_zh = ("runs", "次推演") if paired else ("unpaired draws", "次非配对抽样")
    if basis == "granted":
        return (
            f"not defined: B grants no more than A in {costless} of {draws} {what}",
            f"无法计算：{draws}{what_zh}中有{costless}次批复没有增加",
        )
    if costless == draws:
        return "not defined: B costs no more public money than A", "无法计算：与基准相比没有增加财政投入"
    return (
        f"not defined: B costs no more than A in {costless} of {draws} {what}",
        f"无法计算：{draws}{what_zh}中有{costless}次没有增加财政投入",
    )
