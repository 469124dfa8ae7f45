"""Brand and industrial design (品牌与工业设计): design service for firms, a campaign for the place's brand, awards."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from sim.policies.brand_design.terms import BrandDesignTerms
from sim.policies.choosing import drawn
from sim.policies.classification import above_scale
from sim.policies.programmes import QualityProgramme
from sim.policies.terms import month_share
from sim.rules.elementary import exp
from sim.state.columns import I8
from sim.state.ledger import REST_OF_WORLD
from sim.state.state import State

DECEMBER = 11
"""Month in which a year's design awards are given."""


class BrandDesign(QualityProgramme[BrandDesignTerms]):
    """Makers for which a design pays order one; some designs sell better, until they are copied.

    Attributes
    ----------
    last_order
        Month of each row's last order.
    launched
        Designs that turned out well this year: rows.
    winners
        Awards: month and row.
    """

    channels = frozenset({"technique", "contacts"})

    def start(self) -> None:
        """Begin with nothing in hand."""
        super().start()
        self.last_order: dict[int, int] = {}
        self.launched: list[int] = []
        self.winners: list[tuple[int, int]] = []

    def forget(self, rows: I8) -> None:
        """Drop designs and awards of firms that have closed."""
        super().forget(rows)
        for row in rows.tolist():
            self.last_order.pop(row, None)
        self.launched = [row for row in self.launched if row not in rows]
        self.winners = [(month, row) for month, row in self.winners if row not in rows]

    def act(self) -> None:
        """Take on the month's firms, and make the brand known."""
        terms = self.terms
        self._take_orders(terms)
        self._campaign(terms)

    def wind_up(self) -> None:
        """Bring designs that are ready to the market, hand out awards, and let what has won be seen."""
        design = self.state.parameters.design
        key = self.key("design.success")
        self.launched += self.finish(design.design_success, design.design_quality, key, "designs_launched")
        if self.state.month_of_year == DECEMBER:
            if self.in_force:
                self._award()
            self.launched = []
        if self.winners:
            self.state.places.renown[self.place] *= award_factor(self.state, self.place, self.winners)

    def _take_orders(self, terms: BrandDesignTerms) -> None:
        """Let firms that want a design order one, as far as there are places and money."""
        state, months = self.state, self.state.parameters.design.design_months
        rows = in_order(state, self._interested(terms), terms.select, self.policy_key)
        room = float(month_share(terms.firms_per_year, state.month_of_year))
        rows, _ = self.order(rows, room, months, terms.cost_per_firm, terms.subsidy, "design", "design_services")
        self.last_order.update(dict.fromkeys(rows.tolist(), state.month))

    def _interested(self, terms: BrandDesignTerms) -> I8:
        """Return makers whose last design is forgotten, for which a new one pays and which have the money."""
        state, design = self.state, self.state.parameters.design
        forgotten = state.month - round(12.0 / state.parameters.technology.brand_fading)
        busy = [row for row, month in self.last_order.items() if month > forgotten]
        gain, own = design.design_success * design.design_quality, (1.0 - terms.subsidy) * terms.cost_per_firm
        return self.interested(busy, gain, own, "design.perception")

    def _campaign(self, terms: BrandDesignTerms) -> None:
        """Pay for a month of the campaign; the place is better known while it runs, as far as it could be paid."""
        paid = self.pay(terms.brand_campaign / 12.0, REST_OF_WORLD, "brand campaign")
        factor = campaign_factor(self.state, self.place, paid * terms.brand_campaign)
        self.state.places.renown[self.place] *= factor

    def _award(self) -> None:
        """Give the year's awards to firms whose new goods are on the market, larger ones more often."""
        terms = self.terms
        firms = self.state.firms
        rows = np.array(self.launched, dtype=np.int64)
        rows = rows[firms.revenue_year[rows] > 0.0]
        if terms.awards > 0 and rows.size > 0:
            order = drawn(self.state, rows, "design.award", self.policy_key, firms.revenue_year[rows])
            self.winners += [(self.state.month, row) for row in order[: terms.awards].tolist()]


def in_order(state: State, rows: I8, select: str, policy_key: int) -> I8:
    """Return rows in the order in which a design programme serves them: by lot, those above scale first if so ruled."""
    rows = drawn(state, rows, "design.draw", policy_key)
    if select == "above_scale_first":
        rows = rows[np.argsort(~above_scale(state, rows), kind="stable")]
    return rows


def campaign_factor(state: State, place: int, spending: float) -> float:
    """Return how much more visible a place is while ``spending`` yuan a year go into its brand.

    The factor rises with spending over the yearly output of the place's makers and levels off.
    """
    design = state.parameters.design
    rows = state.makers_of(place)
    output = state.total(state.firms.revenue_year[rows], rows)
    if spending <= 0.0 or output <= 0.0:
        return 1.0
    return 1.0 + design.campaign_renown * (1.0 - exp(-spending / (design.campaign_scale * output)))


def award_factor(state: State, place: int, winners: Sequence[tuple[int, int]]) -> float:
    """Return how much more visible a place is by its ``winners`` of design awards (month, row).

    An award makes its firm ``design.award_visibility`` easier to find, and fades as brands do; the place is as
    visible as its firms are on average, weighted by sales.
    """
    firms, p = state.firms, state.parameters
    rows = state.makers_of(place)
    output = state.total(firms.revenue_year[rows], rows)
    if output <= 0.0:
        return 1.0
    seen = math.fsum(
        float(firms.revenue_year[row]) * exp(-p.technology.brand_fading * (state.month - month) / 12.0)
        for month, row in winners
    )
    return 1.0 + p.design.award_visibility * seen / output
