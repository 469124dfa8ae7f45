"""Runs that the acceptance tests share: yearly figures of one replicate, kept on disk for a test session."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sim.model import ClusterModel
from sim.observables import INDEX, OBSERVABLES
from sim.parameters import load_parameters
from sim.rules import totals
from sim.scenario.loader import load
from sim.scenario.realise import realise
from sim.state import draws
from sim.state.record import MONEY_STAGES
from sim.state.state import SLOT_BLOCK

Figures = NDArray[np.float64]

EXTRA = (
    "sales_makers",
    "sales_suppliers",
    "sales_traders",
    "survival_domestic",
    "survival_foreign",
    "scope_employment",
)
"""Figures a record does not hold: sales by tier, yearly survival of links by market, and the place's scope factor."""


KEPT = ("table", "purchases", "recipients", "paid")


@dataclass(frozen=True)
class Outcome:
    """One replicate, added up by calendar year.

    Attributes
    ----------
    table
        Shape (years, observables and ``EXTRA``).
    purchases
        Slot in the place's block (which a float holds exactly), month and spending of every purchase, shape
        (purchases, 3).
    recipients
        Slots of the firms awarded a grant.
    paid
        Public money paid by policy, shape (policies,), yuan.
    """

    first_year: int
    table: Figures
    purchases: Figures
    recipients: Figures
    paid: Figures

    def year(self, name: str, year: int) -> float:
        """Return a figure of one year."""
        return float(self.series(name)[year - self.first_year])

    def series(self, name: str) -> Figures:
        """Return a figure by year."""
        column = INDEX[name] if name in INDEX else len(OBSERVABLES) + EXTRA.index(name)
        return self.table[:, column]


def outcome(folder: Path, reference: str, replicate: int, *overrides: str) -> Outcome:
    """Return a replicate's yearly figures, from ``folder`` when it was simulated before."""
    text = "|".join((reference, str(replicate), *overrides))
    path = folder / f"{hashlib.blake2b(text.encode(), digest_size=8).hexdigest()}.npz"
    if not path.exists():
        made = simulated(reference, replicate, *overrides)
        part = path.with_suffix(f".{os.getpid()}.part.npz")
        np.savez(
            part,
            first=made.first_year,
            table=made.table,
            purchases=made.purchases,
            recipients=made.recipients,
            paid=made.paid,
        )
        part.replace(path)
    with np.load(path) as stored:
        return Outcome(int(stored["first"]), *(stored[name] for name in KEPT))


def outcomes(folder: Path, reference: str, replicates: int, *overrides: str) -> list[Outcome]:
    """Return the first replicates of a scenario."""
    return [outcome(folder, reference, number, *overrides) for number in range(replicates)]


def simulated(reference: str, replicate: int, *overrides: str) -> Outcome:
    """Simulate one replicate with the parameters of the file."""
    scenario = realise(load(reference, overrides=overrides).scenario, replicate)
    model = ClusterModel(scenario, load_parameters(), draws.replicate_seed(scenario.seed, replicate))
    extra = np.zeros((scenario.time.months, len(EXTRA)))
    for month in range(scenario.time.months):
        model.step()
        state = model.state
        extra[month, :3] = [tier[:, totals.SALES].sum() for tier in state.sums]
        at_risk, lost = state.link_counts[0]
        extra[month, 3:5] = (1.0 - lost / at_risk) ** 12
        extra[month, 5] = model.anchors["scope_employment"][0]
    record = model.notebook.record(model.anchors, "")
    bought = record.purchases
    purchases = np.stack([bought["slot"] % SLOT_BLOCK, bought["month"], bought["spending"]], axis=1).astype(float)
    recipients = np.unique(record.awards["slot"] % SLOT_BLOCK).astype(float)
    paid = record.money[:, :, :, MONEY_STAGES.index("paid")].sum(axis=(0, 2))
    return Outcome(scenario.time.start // 12, by_year(record.monthly[:, 0], extra), purchases, recipients, paid)


def by_year(monthly: Figures, extra: Figures) -> Figures:
    """Return months added up to years as each observable asks; sales are summed, the other extras averaged."""
    months = monthly.reshape(-1, 12, monthly.shape[1])
    how = {"sum": months.sum(axis=1), "last": months[:, -1], "mean": months.mean(axis=1)}
    columns = [how[item.aggregate][:, place] for place, item in enumerate(OBSERVABLES)]
    more = extra.reshape(-1, 12, extra.shape[1])
    columns += [more[:, :, place].sum(axis=1) for place in range(3)]
    columns += [more[:, :, place].mean(axis=1) for place in range(3, len(EXTRA))]
    return np.stack(columns, axis=1)


def mean(outcomes: list[Outcome], name: str, year: int) -> float:
    """Return the mean over replicates of a figure of one year."""
    return float(np.mean([item.year(name, year) for item in outcomes]))


def trend(outcomes: list[Outcome], name: str) -> float:
    """Return the change of a figure over the run by a straight line through its yearly means."""
    values = np.mean([item.series(name) for item in outcomes], axis=0)
    years = np.arange(values.size)
    return float(np.polyfit(years, values, 1)[0] * (values.size - 1))


def relative_trend(outcomes: list[Outcome], name: str) -> float:
    """Return the trend over the mean."""
    return trend(outcomes, name) / float(np.mean([item.series(name) for item in outcomes]))
