"""New goods: what comes of designs and joint projects that firms have ordered, and how a brand gets known."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from sim.policies.choosing import drawn
from sim.policies.classification import above_scale
from sim.rules.elementary import exp
from sim.state.columns import I8
from sim.state.state import State


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
        if firms.alive[row] == 1
    )
    return 1.0 + p.design.award_visibility * seen / output
