"""Public money of two runs: by policy, payer and stage, and what B pays over A."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.compare.anyway import granted_purchases, summarise
from sim.compare.comparison import ALL_PAYERS, ALL_POLICIES, Money, MoneyRow
from sim.compare.shortfalls import missing
from sim.compare.statistics import band, differences
from sim.state.record import MONEY_STAGES, PAYERS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sim.compare.anyway import GrantedPurchases
    from sim.compare.runs import Floats, Pairing
    from sim.experiments import Run
    from sim.scenario.resolved import Policy

DISCOUNT_RATE_A_YEAR = 0.08
"""Social discount rate of the national method for appraising public projects (NDRC and Ministry of Construction,
建设项目经济评价方法与参数, 3rd edition 2006: 8%). Shown beside undiscounted money, never instead of it."""

_PAID = MONEY_STAGES.index("paid")
_PROMISED = MONEY_STAGES.index("promised")
_CLAIMED = MONEY_STAGES.index("claimed")
_GRANTED = MONEY_STAGES.index("granted")


@dataclass(frozen=True)
class _Book:
    """Money of one run.

    ``amounts`` has shape (runs, months, policies, payers, stages); ``split``, of shape (months in the window,
    policies, 2), holds mean grants that were additional and that were not, or is None.
    """

    run: Run
    amounts: Floats
    months: Floats
    split: Floats | None


def build_money(pairing: Pairing, window: tuple[int, int], discount_rate: float = DISCOUNT_RATE_A_YEAR) -> Money:
    """Return public money over the window, paid out and undiscounted, by scenario, policy, payer and period."""
    granted = granted_purchases(pairing, window) if pairing.paired else []
    split = _split_grants(pairing.b, granted, window) if granted else None
    book_b = _book(pairing.b, pairing.rows_b, split)
    book_a = _book(pairing.a, pairing.rows_a, None)
    paid_b, paid_a = (_sum_window(book, window, _PAID) for book in (book_b, book_a))
    present_b, present_a = (_sum_window(book, window, _PAID, discount_rate) for book in (book_b, book_a))
    each = differences(paid_b.sum(axis=1), paid_a.sum(axis=1), paired=pairing.paired)
    granted_b, granted_a = (_granted(book, window) for book in (book_b, book_a))
    present = differences(present_b.sum(axis=1), present_a.sum(axis=1), paired=pairing.paired)
    by_payer = paid_b.mean(axis=0) - paid_a.mean(axis=0)
    return Money(
        window=window,
        discount_rate=discount_rate,
        rows=(*_rows(book_b, window, discount_rate), *_rows(book_a, window, discount_rate)),
        paid_a=float(paid_a.sum(axis=1).mean()),
        paid_b=float(paid_b.sum(axis=1).mean()),
        extra=band(each, pairing.n),
        extra_discounted=band(present, pairing.n),
        extra_by_payer={payer: float(by_payer[k]) for k, payer in enumerate(PAYERS)},
        extra_budget=_mean_budget(book_b, window) - _mean_budget(book_a, window),
        extra_promised=_mean_extra(book_b, book_a, window, _PROMISED),
        extra_granted=_mean_extra(book_b, book_a, window, _GRANTED),
        extra_fund_paid=_mean_extra(book_b, book_a, window, _PAID),
        extra_unclaimed=_mean_unclaimed(book_b, window) - _mean_unclaimed(book_a, window),
        extra_outstanding=float(_outstanding(book_b, window).sum() - _outstanding(book_a, window).sum()),
        anyway=summarise(granted) if granted else None,
        each=each,
        each_granted=differences(granted_b, granted_a, paired=pairing.paired),
    )


def _book(run: Run, rows: NDArray[np.intp], split: Floats | None) -> _Book:
    """Read the money of the replicates used."""
    return _Book(run, run.money()[rows], np.asarray(run.months), split)


def _inside(book: _Book, first: int, last: int) -> Floats:
    """Whether each month lies in ``first`` .. ``last`` (month numbers, both included)."""
    return np.asarray((book.months >= first) & (book.months <= last))


def _sum_window(book: _Book, window: tuple[int, int], stage: int, discount_rate: float = 0.0) -> Floats:
    """Sum one stage over window and policies; shape (runs, payers). Discounting is to the window's first month."""
    first, last = window[0] * 12, window[1] * 12 + 11
    chosen = _inside(book, first, last)
    weights = (1.0 + discount_rate) ** (-(book.months[chosen] - first) / 12.0)
    amounts = book.amounts[..., stage][:, chosen].sum(axis=2)
    return np.asarray((amounts * weights[None, :, None]).sum(axis=1))


def _mean_extra(b: _Book, a: _Book, window: tuple[int, int], stage: int) -> float:
    """Mean over runs of one stage of the funds in B less that in A."""
    return _mean_of_funds(b, window, stage) - _mean_of_funds(a, window, stage)


def _mean_of_funds(book: _Book, window: tuple[int, int], stage: int) -> float:
    """Mean over runs of one stage of all funds; other programmes have no calls, claims and awards."""
    chosen = _inside(book, window[0] * 12, window[1] * 12 + 11)
    amounts = book.amounts[..., stage][:, chosen][:, :, _funds(book)]
    return float(amounts.sum(axis=(1, 2, 3)).mean())


def _funds(book: _Book) -> NDArray[np.intp]:
    """Positions of the policies that award grants."""
    policies = book.run.scenario.policies
    return np.array([position for position, policy in enumerate(policies) if policy.type == "fund"], dtype=np.intp)


def _granted(book: _Book, window: tuple[int, int]) -> Floats:
    """Return what the funds granted and all else paid in the window, shape (runs,)."""
    chosen = _inside(book, window[0] * 12, window[1] * 12 + 11)
    by_policy = book.amounts[:, chosen].sum(axis=(1, 3))
    funds = np.isin(np.arange(by_policy.shape[1]), _funds(book))
    return np.asarray(np.where(funds, by_policy[..., _GRANTED], by_policy[..., _PAID]).sum(axis=1))


def _mean_budget(book: _Book, window: tuple[int, int]) -> float:
    """Mean over runs of the budgets of funds, and of all else of what was paid or could not be."""
    chosen = _inside(book, window[0] * 12, window[1] * 12 + 11)
    amounts = book.amounts[:, chosen]
    by_policy = amounts.sum(axis=(1, 3))
    never, _ = missing(amounts, book.run.scenario.policies)
    funds = np.isin(np.arange(by_policy.shape[1]), _funds(book))
    return float(np.where(funds, by_policy[..., _PROMISED], by_policy[..., _PAID] + never).sum(axis=1).mean())


def _outstanding(book: _Book, span: tuple[int, int]) -> Floats:
    """Return what funds had granted and not paid by the end of the years, mean over runs, shape (policies, payers).

    Counted from the first month simulated, less what could not be paid for want of money.
    """
    amounts = book.amounts[:, book.months <= span[1] * 12 + 11].sum(axis=1).mean(axis=0)
    left = amounts[..., _GRANTED] - amounts[..., _PAID] - amounts[..., MONEY_STAGES.index("unmet")]
    left[~np.isin(np.arange(left.shape[0]), _funds(book))] = 0.0
    return np.asarray(np.maximum(left, 0.0))


def _mean_unclaimed(book: _Book, window: tuple[int, int]) -> float:
    """Mean over runs of what funds promised and was not claimed."""
    chosen = _inside(book, window[0] * 12, window[1] * 12 + 11)
    amounts = book.amounts[:, chosen].sum(axis=1)[:, _funds(book)]
    return float(_unclaimed(amounts).sum(axis=(1, 2)).mean())


def _unclaimed(amounts: Floats) -> Floats:
    """Promised less claimed by run, never below zero: claims beyond the budget are not negative leftovers."""
    return np.asarray(np.maximum(amounts[..., _PROMISED] - amounts[..., _CLAIMED], 0.0))


def _rows(book: _Book, window: tuple[int, int], discount_rate: float) -> list[MoneyRow]:
    """Rows of one scenario: the window and each of its years, by policy and payer, and the totals of each period."""
    periods = [(f"{window[0]}-{window[1]}", window), *((str(y), (y, y)) for y in range(window[0], window[1] + 1))]
    rows = []
    for text, span in periods:
        chosen = _inside(book, span[0] * 12, span[1] * 12 + 11)
        by_run = book.amounts[:, chosen].sum(axis=1)
        means, unclaimed, left = by_run.mean(axis=0), _unclaimed(by_run).mean(axis=0), _outstanding(book, span)
        weights = (1.0 + discount_rate) ** (-(book.months[chosen] - window[0] * 12) / 12.0)
        present = (book.amounts[..., _PAID][:, chosen] * weights[None, :, None, None]).sum(axis=1).mean(axis=0)
        others = np.stack([unclaimed, present, left], axis=-1)
        detailed = [
            _row(book, text, span, window, (k, policy), (j, payer), means[k, j], others[k, j])
            for k, policy in enumerate(book.run.scenario.policies)
            for j, payer in enumerate(PAYERS)
        ]
        rows += [*detailed, _total(book, text, detailed)]
    return rows


def _row(
    book: _Book,
    period: str,
    span: tuple[int, int],
    window: tuple[int, int],
    policy: tuple[int, Policy],
    payer: tuple[int, str],
    stages: Floats,
    others: Floats,
) -> MoneyRow:
    """One row; grants are split between payers as the policy's payer shares say.

    ``others`` are what was not claimed, what was paid at its present value, and what was granted and not paid.
    """
    position, terms = policy
    additional = anyway = float("nan")
    # Only funds award grants for machines; what other policies plan is not split.
    if book.split is not None and book.split[:, position].any():
        years = book.split[(span[0] - window[0]) * 12 : (span[1] - window[0] + 1) * 12, position]
        share = float(terms.payer.get(payer[1], 0.0))
        additional, anyway = (float(value) * share for value in years.sum(axis=0))
    amounts = dict(zip(MONEY_STAGES, (float(value) for value in stages), strict=True))
    return MoneyRow(
        scenario=book.run.scenario_id,
        policy=terms.id,
        policy_name=terms.name,
        policy_name_zh=terms.name_zh,
        places=tuple(terms.where),
        payer=payer[1],
        period=period,
        paid_discounted=float(others[1]),
        unclaimed=float(others[0]),
        outstanding=float(others[2]),
        additional=additional,
        anyway=anyway,
        **amounts,
    )


def _total(book: _Book, period: str, rows: list[MoneyRow]) -> MoneyRow:
    """Add up the rows of one period; grants of policies that award none do not count as missing."""
    names = (*MONEY_STAGES, "paid_discounted", "unclaimed", "outstanding")
    sums = {name: float(sum(getattr(row, name) for row in rows)) for name in names}
    split = {}
    for name in ("additional", "anyway"):
        known = [getattr(row, name) for row in rows if not np.isnan(getattr(row, name))]
        split[name] = float(sum(known)) if known else float("nan")
    return MoneyRow(
        scenario=book.run.scenario_id,
        policy=ALL_POLICIES,
        policy_name="all policies",
        policy_name_zh="全部政策",
        places=tuple(book.run.places),
        payer=ALL_PAYERS,
        period=period,
        **sums,
        **split,
    )


def _split_grants(run: Run, granted: list[GrantedPurchases], window: tuple[int, int]) -> Floats:
    """Mean grants by month of the window and policy: additional, and anyway; shape (months, policies, 2)."""
    months = (window[1] - window[0] + 1) * 12
    sums = np.zeros((months, len(run.scenario.policies), 2))
    for pair in granted:
        rows = pair.purchases
        index = (rows["month"] - window[0] * 12, rows["policy"], pair.anyway.astype(np.int64))
        np.add.at(sums, index, rows["grant"])
    return sums / len(granted)
