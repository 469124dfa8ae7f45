"""Public money of two runs: by policy, payer and stage, what could not be paid, and what a yuan more goes with."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, TypeVar, get_args

import numpy as np

from sim.compare.comparison import ALL_PAYERS, ALL_POLICIES, Measure, Money, MoneyRow, Shortfall, TakeUp, ValueRow
from sim.compare.runs import in_years
from sim.compare.statistics import MINIMUM_RUNS_FOR_BAND, Band, band, differences, mean_se
from sim.inputs.words import Words
from sim.state.record import MONEY_STAGES, PAYERS
from sim.units import year_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sim.compare.comparison import Basis
    from sim.compare.runs import Floats, Pairing
    from sim.experiments import Run
    from sim.scenario.resolved import Policy

WORDS = Words(__file__)
T = TypeVar("T", bound=Shortfall | TakeUp)
YUAN_PER_MILLION = 1e6
MEASURES: tuple[Measure, ...] = get_args(Measure)
WORTH_SAYING = 0.005
"""Share of a policy's planned spending from which on what is missing is told: less is rounding."""
DISCOUNT_RATE_A_YEAR = 0.08
"""Social discount rate of the national method for appraising public projects (NDRC and Ministry of Construction,
建设项目经济评价方法与参数, 3rd edition 2006: 8%). Shown beside undiscounted money, never instead of it."""

_PROMISED, _CLAIMED, _GRANTED, _PAID, _UNMET = (
    MONEY_STAGES.index(stage) for stage in ("promised", "claimed", "granted", "paid", "unmet")
)


@dataclass(frozen=True)
class _Book:
    """Money of one run; ``amounts`` has shape (runs, months, policies, payers, stages)."""

    run: Run
    amounts: Floats

    def paid(self, years: tuple[int, int], since: int, discount_rate: float = 0.0) -> Floats:
        """Return what was paid by month of the years, discounted to a month; shape (runs, months, policies, payers)."""
        chosen = in_years(self.run, years)
        weights = (1.0 + discount_rate) ** (-(np.asarray(self.run.months)[chosen] - since) / 12.0)
        return np.asarray(self.amounts[..., _PAID][:, chosen] * weights[None, :, None, None])


def build_money(pairing: Pairing, window: tuple[int, int], discount_rate: float = DISCOUNT_RATE_A_YEAR) -> Money:
    """Return public money over the window, paid out and undiscounted, by scenario, policy, payer and period."""
    b, a = (_Book(run, run.money()[rows]) for run, rows in pairing.sides)
    paid_b, paid_a = (_by_payer(book, window) for book in (b, a))
    present = (_by_payer(book, window, discount_rate).sum(axis=1) for book in (b, a))
    each = differences(paid_b.sum(axis=1), paid_a.sum(axis=1), paired=pairing.paired)
    (granted_b, means_b), (granted_a, means_a) = (_by_stage(book, window) for book in (b, a))
    by_payer = paid_b.mean(axis=0) - paid_a.mean(axis=0)
    return Money(
        window=window,
        discount_rate=discount_rate,
        rows=(*_rows(b, window, discount_rate), *_rows(a, window, discount_rate)),
        paid_a=float(paid_a.sum(axis=1).mean()),
        paid_b=float(paid_b.sum(axis=1).mean()),
        extra=band(each, pairing.n),
        extra_discounted=band(differences(*present, paired=pairing.paired), pairing.n),
        extra_by_payer=dict(zip(PAYERS, by_payer.tolist(), strict=True)),
        **{f"extra_{name}": mean - means_a[name] for name, mean in means_b.items()},
        each=each,
        each_granted=differences(granted_b, granted_a, paired=pairing.paired),
    )


def _by_payer(book: _Book, window: tuple[int, int], discount_rate: float = 0.0) -> Floats:
    """Return what was paid in the window, discounted to its first month, shape (runs, payers)."""
    return np.asarray(book.paid(window, window[0] * 12, discount_rate).sum(axis=2).sum(axis=1))


def _by_stage(book: _Book, window: tuple[int, int]) -> tuple[Floats, dict[str, float]]:
    """Return what funds granted and all else paid in the window, shape (runs,), and the means that ``Money`` holds."""
    policies = book.run.scenario.policies
    amounts, funds = book.amounts[:, in_years(book.run, window)], award_grants(policies)
    by_policy, (never, _) = amounts.sum(axis=(1, 3)), missing(amounts, policies)
    granted = np.where(funds, by_policy[..., _GRANTED], by_policy[..., _PAID]).sum(axis=1)
    budget = np.where(funds, by_policy[..., _PROMISED], by_policy[..., _PAID] + never).sum(axis=1)
    of_funds = by_policy[:, funds].sum(axis=1).mean(axis=0)
    return granted, {
        "budget": float(budget.mean()),
        "promised": float(of_funds[_PROMISED]),
        "granted": float(of_funds[_GRANTED]),
        "fund_paid": float(of_funds[_PAID]),
        "unclaimed": float(_unclaimed(amounts.sum(axis=1)[:, funds]).sum(axis=(1, 2)).mean()),
        "outstanding": float(_outstanding(book, window[1]).sum()),
    }


def _outstanding(book: _Book, last_year: int) -> Floats:
    """Return what funds had granted and not paid by the end of the year, mean over runs, shape (policies, payers).

    Counted from the first month simulated, less what could not be paid for want of money.
    """
    amounts = book.amounts[:, in_years(book.run, (0, last_year))].sum(axis=1).mean(axis=0)
    left = amounts[..., _GRANTED] - amounts[..., _PAID] - amounts[..., _UNMET]
    left[~award_grants(book.run.scenario.policies)] = 0.0
    return np.asarray(np.maximum(left, 0.0))


def _unclaimed(amounts: Floats) -> Floats:
    """Promised less claimed by run, never below zero: claims beyond the budget are not negative leftovers."""
    return np.asarray(np.maximum(amounts[..., _PROMISED] - amounts[..., _CLAIMED], 0.0))


def _rows(book: _Book, window: tuple[int, int], discount_rate: float) -> list[MoneyRow]:
    """Rows of one scenario: the window and each of its years, by policy and payer, and the totals of each period."""
    periods = [(f"{window[0]}-{window[1]}", window), *((str(y), (y, y)) for y in range(window[0], window[1] + 1))]
    rows = []
    for text, span in periods:
        by_run = book.amounts[:, in_years(book.run, span)].sum(axis=1)
        stages = {
            **dict(zip(MONEY_STAGES, np.moveaxis(by_run.mean(axis=0), -1, 0), strict=True)),
            "paid_discounted": book.paid(span, window[0] * 12, discount_rate).sum(axis=1).mean(axis=0),
            "unclaimed": _unclaimed(by_run).mean(axis=0),
            "outstanding": _outstanding(book, span[1]),
        }
        detailed = []
        for k, policy in enumerate(book.run.scenario.policies):
            for j, payer in enumerate(PAYERS):
                amounts: dict[str, Any] = {name: float(values[k, j]) for name, values in stages.items()}
                named = (book.run.scenario_id, policy.id, policy.name, policy.name_zh, tuple(policy.where))
                detailed.append(MoneyRow(*named, payer, text, **amounts))
        rows += [*detailed, _total(book, text, detailed)]
    return rows


def _total(book: _Book, period: str, rows: list[MoneyRow]) -> MoneyRow:
    """Add up the rows of one period."""
    names = (*MONEY_STAGES, "paid_discounted", "unclaimed", "outstanding")
    sums: dict[str, Any] = {name: float(sum(getattr(row, name) for row in rows)) for name in names}
    named = (book.run.scenario_id, ALL_POLICIES, "all policies", "全部政策", tuple(book.run.places))
    return MoneyRow(*named, ALL_PAYERS, period, **sums)


# --- what a yuan more goes with ---


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


# --- what could not be paid ---


def build_shortfalls(pairing: Pairing) -> tuple[Shortfall, ...]:
    """Return the policies whose payers ran short: those of B, then those of A; once where both runs agree."""
    b, a = pairing.sides
    return of_both_sides(_shortfalls("B", *b, pairing.months), _shortfalls("A", *a, pairing.months))


def of_both_sides(in_b: Sequence[T], in_a: Sequence[T]) -> tuple[T, ...]:
    """Return what is told of B, then what of A; once, as of both, where the two agree."""
    alike = [one for one in in_b if replace(one, side="A") in in_a]
    both = [replace(one, side="both") if one in alike else one for one in in_b]
    return (*both, *(one for one in in_a if replace(one, side="B") not in alike))


def award_grants(policies: Sequence[Policy]) -> NDArray[np.bool_]:
    """Return which of the policies award grants, shape (policies,)."""
    return np.array([policy.versions[0][1].awards_grants for policy in policies], dtype=bool)


def named(policy: Policy) -> dict[str, str]:
    """Return how records name a policy."""
    return {"policy": policy.id, "policy_name": policy.name, "policy_name_zh": policy.name_zh}


def missing(amounts: Floats, policies: Sequence[Policy]) -> tuple[Floats, Floats]:
    """Return what was never paid for want of money and what was paid late, shape (runs, policies) each, in yuan.

    Parameters
    ----------
    amounts
        Shape (runs, months, policies, payers, stages).

    Notes
    -----
    A month in which a policy pays more than it plans makes good what was missing before (a platform is built as money
    comes in). What awards grants pays what it awarded months ago, so that its payments make nothing good.
    """
    late = np.maximum(amounts[..., _PAID] - amounts[..., _PROMISED], 0.0).sum(axis=(1, 3)) * ~award_grants(policies)
    unmet = amounts[..., _UNMET].sum(axis=(1, 3))
    return np.maximum(unmet - late, 0.0), np.minimum(late, unmet)


def _shortfalls(side: Literal["A", "B"], run: Run, rows: NDArray[np.intp], months: Sequence[int]) -> list[Shortfall]:
    """Return the policies of one run whose payers ran short in the given months."""
    inside = np.isin(np.asarray(run.months), months)
    amounts = run.money()[rows][:, inside]
    never, late = missing(amounts, run.scenario.policies)
    paid = amounts[..., _PAID].sum(axis=(1, 3))
    found = []
    for position, policy in enumerate(run.scenario.policies):
        planned = paid[:, position] + never[:, position]
        short = never[:, position] + late[:, position]
        if short.mean() <= max(WORTH_SAYING * planned.mean(), 1.0):
            continue
        by_month = amounts[:, :, position, :, _UNMET].sum(axis=2).mean(axis=0)
        when = [year_of(month) for month, yuan in zip(months, by_month, strict=True) if yuan > 0.0]
        plots, cost = _plots(policy, never[:, position], months)
        shares = np.divide(paid[:, position], planned, out=np.ones(len(rows)), where=planned > 0.0)
        found.append(
            Shortfall(
                side=side,
                **named(policy),
                type=policy.type,
                planned=float(planned.mean()) if plots is None else plots[2] * cost,
                missing=float(never[:, position].mean()),
                late=float(late[:, position].mean()),
                years=(when[0], when[-1]),
                runs=int(np.count_nonzero(short > WORTH_SAYING * planned)),
                n=len(rows),
                paid=(float(shares.min()), float(shares.max())),
                plots=plots,
            )
        )
    return found


def _plots(policy: Policy, never: Floats, months: Sequence[int]) -> tuple[tuple[float, float, float] | None, float]:
    """Return the lowest and highest number of plots built with the number to be built, and the yuan one costs.

    What is missing of their cost is missing of the plots. None for a policy that builds none.
    """
    wanted, cost = policy.terms_at(months[-1]).to_build(max(months[0], policy.start), months[-1])
    if not wanted or not cost:
        return None, 0.0
    built = wanted - never / cost
    return (float(built.min()), float(built.max()), wanted), cost
