"""Shared testing laboratory (共享检测中心): goods of makers are tested; those that pass sell as better ones."""

from __future__ import annotations

import math

import numpy as np

from sim.policies.acting import Institution
from sim.policies.choosing import drawn, served
from sim.policies.classification import above_scale
from sim.policies.payments import pay_together, places_paid_for
from sim.policies.programmes import better_goods, misjudgement, month_share, own_money, worth_of_quality
from sim.state.ledger import REST_OF_WORLD

from .terms import TestingLabTerms


class TestingLab(Institution[TestingLabTerms]):
    """Makers for which a test pays send their goods in; ``sent`` are month of the result, row, firms."""

    def start(self) -> None:
        """Begin with nothing in hand."""
        self.sent: list[tuple[int, int, float]] = []

    def act(self) -> None:
        """Take in the month's goods, as far as there are places and money."""
        terms = self.terms
        state, lab = self.state, self.state.parameters.testing_lab
        room = float(month_share(terms.firms_per_year, state.month_of_year))
        rows = self._interested(terms)
        if room == 0.0 or rows.size == 0:
            return
        rows = drawn(state, rows, "testing_lab.draw", self.policy_key)
        if terms.select == "above_scale_first":
            rows = rows[np.argsort(~above_scale(state, rows), kind="stable")]
        wanted = state.firms.weight[rows]
        number = served(wanted, places_paid_for(self, min(room, float(wanted.sum())), terms.cost * terms.subsidy))
        rows, number = rows[number > 0.0], number[number > 0.0]
        pay_together(self, rows, number, terms.cost, terms.subsidy, REST_OF_WORLD, "tests")
        ready = state.month + round(lab.months)
        self.sent += [(ready, row, firms) for row, firms in zip(rows.tolist(), number.tolist(), strict=True)]
        state.add("goods_tested", self.place, float(number.sum()))

    def wind_up(self) -> None:
        """Let goods that have passed be known as better ones."""
        due = [order for order in self.sent if order[0] <= self.state.month]
        self.sent = [order for order in self.sent if order[0] > self.state.month]
        lab, key = self.state.parameters.testing_lab, self.state.key("testing_lab.pass", self.policy_key)
        passed = better_goods(self.state, due, key, lab.pass_rate, lab.quality)
        self.state.add("goods_passed", self.place, math.fsum(firms for _, firms in passed))

    def _interested(self, terms: TestingLabTerms) -> np.ndarray:
        """Return makers without goods in test for which one pays and which have their part of the money."""
        state, lab = self.state, self.state.parameters.testing_lab
        rows = state.makers_of(self.place)
        rows = rows[(state.firms.revenue_year[rows] > 0.0) & ~np.isin(rows, [row for _, row, _ in self.sent])]
        own = (1.0 - terms.subsidy) * terms.cost
        worth = worth_of_quality(state, rows, self.place, lab.pass_rate * lab.quality)
        worth *= misjudgement(state, rows, "testing_lab.perception", self.policy_key)
        return rows[(worth >= own) & (own_money(state, rows) >= own)]
