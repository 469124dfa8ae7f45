"""Parameters that a scenario cannot move: those of policy types it has no policy of.

An emulator searches hundreds of inputs, so that now and then an idle one looks as if it mattered. One that nothing in
the scenario reads is no candidate.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sim.calibrate.space import Space
    from sim.scenario.resolved import Scenario

MEETINGS: Final = ("fair", "exhibition", "project", "digital_platform", "dealer_network", "trade_park")
READERS: Final[Mapping[str, tuple[str, ...]]] = {
    "cloud": ("cloud_drive",),
    "dealers": ("dealer_network",),
    "design": ("brand_design",),
    "drive": ("upgrade_drive",),
    "fair": MEETINGS,
    "platform": ("digital_platform", "trade_park"),
    "project": ("project",),
    "research": ("research_partnership",),
    "trade_park": ("trade_park",),
    "training": ("training",),
}
"""Groups of parameters that policies alone read, with the types of these policies."""


def idle_inputs(space: Space, scenario: Scenario) -> frozenset[int]:
    """Return the positions of parameters that nothing in a scenario reads."""
    types = {policy.type for policy in scenario.policies}
    unread = {group for group, readers in READERS.items() if not types.intersection(readers)}
    named = enumerate(space.dimensions)
    return frozenset(k for k, item in named if item.kind == "parameter" and item.name.split(".")[0] in unread)
