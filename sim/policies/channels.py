"""Channels through which policies act, and how one is closed to ask what the policies do without it.

A policy acts only through levers, so a channel is a set of levers. Where it is closed for a policy, the levers are put
back to what they were right after the policy's institution has acted: firms and buyers then decide as if it had done
nothing of the kind. Two things are done where they happen instead: what a grant makes a firm buy
(``sim.policies.fund``) and moves into a park (``sim.policies.park``). The channel of reactions belongs to no policy:
wages, local prices and conditions of entry are those of the baseline, which the run carries along (``hold_reactions``).

Public money and fees are no channel: a yuan that is not paid cannot buy the machine that is to be left, so they are
paid in every run.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sim.scenario.resolved import Policy


@dataclass(frozen=True)
class Channel:
    """The levers of one channel, as names of columns of firms, buyers and places."""

    firms: tuple[str, ...] = ()
    buyers: tuple[str, ...] = ()
    places: tuple[str, ...] = ()


REACTIONS: Final = "reactions"
CHANNELS: Final[Mapping[str, Channel]] = {
    "capacity": Channel(firms=("credit_line",)),
    "technique": Channel(firms=("brand", "emission")),
    "information": Channel(firms=("aware",), places=("upgrade_success", "awareness")),
    "skills": Channel(places=("skill", "skill_premium")),
    "costs": Channel(firms=("purchase_saving", "overhead_saving")),
    "contacts": Channel(
        firms=("foreign_links",),
        buyers=("supplier", "link_age", "link_origin", "link_match", "links", "attended", "success"),
        places=("renown",),
    ),
    "space": Channel(places=("pull",)),
    REACTIONS: Channel(),
}
"""All channels, in the order in which they are told."""
HELD: Final = ("wage", "goods_price", "services_price", "market_cost", "profit_rate", "mean_revenue", "mean_sold")
"""Columns of places that are the baseline's where reactions are closed: what local wages, prices and entry go by."""


def closed_to(model: Any, policy: Policy) -> tuple[str, ...]:
    """Return the channels through which a policy does not act this month."""
    closed = model.resolved.closed
    if closed is None or policy.id not in closed.policies or model.state.month < closed.since:
        return ()
    channels: tuple[str, ...] = closed.channels
    return channels


def step_without(institution: Any, channels: tuple[str, ...]) -> None:
    """Let an institution act, and put the levers of some channels back to what they were before."""
    state = institution.state
    tables = {"firms": state.firms, "buyers": state.buyers, "places": state.places}
    columns = [
        (table, name, getattr(tables[table], name).copy())
        for channel in channels
        for table in tables
        for name in getattr(CHANNELS[channel], table)
    ]
    destinations, openings = state.destinations.copy(), list(state.openings)
    institution.step()
    for table, name, before in columns:
        column = getattr(tables[table], name)
        # Who has carried out an upgrade knows of no next rung any more, whoever told it.
        column[...] = np.minimum(column, before) if name == "aware" else before
    if "contacts" in channels:
        state.destinations[...] = destinations
    if "space" in channels:
        state.openings[:] = openings


def hold_reactions(model: Any) -> None:
    """Where reactions are closed, begin the month with wages, prices and conditions of entry of the baseline.

    The baseline branches off in the first month in which anything can differ, and lives each month before this run.
    """
    closed = model.resolved.closed
    if closed is None or REACTIONS not in closed.channels or model.state.month < closed.since:
        return
    if model.baseline is None:
        model.baseline = model.branch(replace(model.given, policies=closed.baseline, closed=None))
    for name in HELD:
        getattr(model.state.places, name)[...] = getattr(model.baseline.state.places, name)
    model.baseline.step()


def hold_wage(model: Any) -> None:
    """Where reactions are closed, let firms pay this month's wage of the baseline; they hire whom they find at it."""
    if model.baseline is not None:
        model.state.places.wage[:] = model.baseline.state.places.wage
