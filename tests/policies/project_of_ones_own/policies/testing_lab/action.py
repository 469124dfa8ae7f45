"""Shared testing laboratory (共享检测中心): goods of makers are tested; those that pass sell as better ones."""

from __future__ import annotations

import numpy as np

from sim.policies.choosing import drawn
from sim.policies.classification import above_scale
from sim.policies.programmes import QualityProgramme
from sim.policies.terms import month_share

from .terms import TestingLabTerms


class TestingLab(QualityProgramme[TestingLabTerms]):
    """Makers for which a test pays send their goods in."""

    def act(self) -> None:
        """Take in the month's goods, as far as there are places and money."""
        terms = self.terms
        state, lab = self.state, self.state.parameters.testing_lab
        busy = [row for _, row, _ in self.ordered]
        own = (1.0 - terms.subsidy) * terms.cost
        rows = self.interested(busy, lab.pass_rate * lab.quality, own, "testing_lab.perception")
        rows = drawn(state, rows, "testing_lab.draw", self.policy_key)
        if terms.select == "above_scale_first":
            rows = rows[np.argsort(~above_scale(state, rows), kind="stable")]
        room = float(month_share(terms.firms_per_year, state.month_of_year))
        self.order(rows, room, lab.months, terms.cost, terms.subsidy, "tests", "goods_tested")

    def wind_up(self) -> None:
        """Let goods that have passed be known as better ones."""
        lab = self.state.parameters.testing_lab
        self.finish(lab.pass_rate, lab.quality, self.key("testing_lab.pass"), "goods_passed")
