"""Value for money: what a yuan of extra public money goes with, and jobs lost at firms without a grant."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, get_args

import numpy as np

from sim.compare.comparison import Displaced, Measure, ValueRow
from sim.compare.statistics import MINIMUM_RUNS_FOR_BAND, Band, band, differences, mean_se

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sim.compare.comparison import Basis, Money
    from sim.compare.runs import Floats, Pairing

YUAN_PER_MILLION = 1e6

MEASURES: tuple[Measure, ...] = get_args(Measure)


def build_value(pairing: Pairing, money: Money, at: int) -> tuple[ValueRow, ...]:
    """Return jobs per million yuan, output and tax per yuan and cost per job, each per pair before any quantile.

    Jobs are those in the year ``at``; output, tax and money are added up over the window. All four are undefined when
    B does not cost more than A in some run, cost per job also when the 5% quantile of extra jobs is not positive. They
    are given for the money paid; where funds granted other sums than they paid, then for the money granted as well.
    """
    spans = {"employment": (at, at), "output_value": money.window, "tax_paid": money.window}
    extra = {name: differences(*pairing.over(name, span), paired=pairing.paired) for name, span in spans.items()}
    rows = _measures(pairing, money, extra, money.each, "paid")
    if np.allclose(money.each, money.each_granted, rtol=1e-9, atol=1.0):
        return rows
    return (*rows, *_measures(pairing, money, extra, money.each_granted, "granted"))


def _measures(
    pairing: Pairing, money: Money, extra: dict[str, Floats], yuan: Floats, basis: Basis
) -> tuple[ValueRow, ...]:
    """Return the four measures of what is more in B for one kind of money, yuan of each pair."""

    def row(measure: Measure, **found: Any) -> ValueRow:
        return ValueRow(measure, basis, f"{money.window[0]}-{money.window[1]}", **found)

    costless = int(np.count_nonzero(yuan <= 0.0))
    if costless:
        reason, reason_zh = _no_extra_money(costless, yuan.size, pairing, basis)
        return tuple(row(name, reason=reason, reason_zh=reason_zh) for name in MEASURES)
    ratios: dict[Measure, Floats] = {
        "jobs_per_million": YUAN_PER_MILLION * extra["employment"] / yuan,
        "output_per_yuan": extra["output_value"] / yuan,
        "tax_per_yuan": extra["tax_paid"] / yuan,
    }
    rows = []
    for name, each in ratios.items():
        error = float(mean_se(each[:, None])[0]) if pairing.paired else math.nan
        paid_back = float(np.mean(each >= 1.0)) if name == "tax_per_yuan" else math.nan
        rows.append(row(name, band=band(each, pairing.n), mc_se=error, prob_paid_back=paid_back, each=each))
    return (*rows, row("cost_per_job", **_cost_per_job(pairing, extra["employment"], yuan)))


def build_displaced(pairing: Pairing, at: int) -> Displaced | None:
    """Split the employment difference of the year ``at`` by support; None when unpaired or nobody was supported."""
    if not pairing.paired:
        return None
    net = differences(*pairing.over("employment", (at, at)), paired=True)
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


def _cost_per_job(pairing: Pairing, jobs: Floats, yuan: Floats) -> dict[str, Any]:
    """Return yuan per extra job, only when extra jobs are positive down to their 5% quantile.

    A ratio whose denominator crosses zero has no mean and no meaningful quantiles. The quantiles are the reciprocals
    of those of jobs per million yuan, so the few runs without extra jobs beyond the 5% quantile stay counted.
    """
    if pairing.n < MINIMUM_RUNS_FOR_BAND:
        return {
            "reason": f"not defined: {pairing.n} runs are too few to rule out lost jobs",
            "reason_zh": f"无法计算：{pairing.n}次推演太少，不能排除就业减少",
        }
    per_yuan = band(jobs / yuan, pairing.n)
    if float(np.quantile(jobs, 0.05)) > 0.0 and per_yuan.p05 > 0.0:
        return {"band": Band(*(1 / each for each in reversed(per_yuan.quantiles.values())))}
    lost, same = int(np.count_nonzero(jobs < 0.0)), int(np.count_nonzero(jobs == 0.0))
    what, what_zh = _draws(jobs.size, pairing)
    if lost:
        return {
            "reason": f"not defined: {lost} of {what} lose jobs",
            "reason_zh": f"无法计算：{what_zh}中有{lost}次就业减少",
        }
    return {
        "reason": f"not defined: {same} of {what} gain no jobs",
        "reason_zh": f"无法计算：{what_zh}中有{same}次就业没有增加",
    }


def _no_extra_money(costless: int, draws: int, pairing: Pairing, basis: Basis) -> tuple[str, str]:
    """Say why nothing can be divided by extra public money."""
    what, what_zh = _draws(draws, pairing)
    if basis == "granted":
        return (
            f"not defined: B grants no more than A in {costless} of {what}",
            f"无法计算：{what_zh}中有{costless}次批复没有增加",
        )
    if costless == draws:
        return "not defined: B costs no more public money than A", "无法计算：与基准相比没有增加财政投入"
    return (
        f"not defined: B costs no more than A in {costless} of {what}",
        f"无法计算：{what_zh}中有{costless}次没有增加财政投入",
    )


def _draws(count: int, pairing: Pairing) -> tuple[str, str]:
    """Return pairs, or combinations of runs, with their number."""
    if pairing.paired:
        return f"{count} runs", f"{count}次推演"
    return f"{count} unpaired draws", f"{count}次非配对抽样"
