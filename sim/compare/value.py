"""Value for money: what a yuan of extra public money goes with."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, get_args

import numpy as np

from sim.compare.comparison import Measure, ValueRow
from sim.compare.statistics import MINIMUM_RUNS_FOR_BAND, Band, band, differences, mean_se
from sim.inputs.words import Words

if TYPE_CHECKING:
    from sim.compare.comparison import Basis, Money
    from sim.compare.runs import Floats, Pairing

WORDS = Words(__file__)
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
        why = "no_grants" if basis == "granted" else "free" if costless == yuan.size else "no_money"
        return tuple(row(name, **_undefined(why, pairing, yuan.size, costless=costless)) for name in MEASURES)
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


def _cost_per_job(pairing: Pairing, jobs: Floats, yuan: Floats) -> dict[str, Any]:
    """Return yuan per extra job, only when extra jobs are positive down to their 5% quantile.

    A ratio whose denominator crosses zero has no mean and no meaningful quantiles. The quantiles are the reciprocals
    of those of jobs per million yuan, so the few runs without extra jobs beyond the 5% quantile stay counted.
    """
    if pairing.n < MINIMUM_RUNS_FOR_BAND:
        return _undefined("too_few", pairing, n=pairing.n)
    per_yuan = band(jobs / yuan, pairing.n)
    if float(np.quantile(jobs, 0.05)) > 0.0 and per_yuan.p05 > 0.0:
        return {"band": Band(*(1 / each for each in reversed(per_yuan.quantiles.values())))}
    lost, same = int(np.count_nonzero(jobs < 0.0)), int(np.count_nonzero(jobs == 0.0))
    return _undefined("jobs_lost" if lost else "no_jobs", pairing, jobs.size, lost=lost, same=same)


def _undefined(key: str, pairing: Pairing, count: int = 0, **values: object) -> dict[str, Any]:
    """Return why a measure cannot be given; ``count`` are pairs, or combinations of runs."""
    draws = WORDS.both("value.runs" if pairing.paired else "value.unpaired_draws", count=count)
    en, zh = WORDS.both(f"value.{key}", draws=draws, **values)
    return {"reason": en, "reason_zh": zh}
