"""Public money of two runs: by policy, payer and stage, and what B pays over A."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.compare.comparison import ALL_PAYERS, ALL_POLICIES, Money, MoneyRow
from sim.compare.runs import in_years
from sim.compare.shortfalls import award_grants, missing
from sim.compare.statistics import band, differences
from sim.state.record import MONEY_STAGES, PAYERS

if TYPE_CHECKING:
    from sim.compare.runs import Floats, Pairing
    from sim.experiments import Run

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
