"""The model as a Mesa model: what anyone who works with Mesa builds.

A run that nobody looks into needs no agents, so ``sim.model`` does without Mesa, whose import costs about as much as
a small run.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import mesa

from sim.agents.views import Buyer, Firm
from sim.model import ClusterModel

if TYPE_CHECKING:
    from sim.parameters.groups import Parameters
    from sim.scenario.resolved import Scenario


class MesaModel(ClusterModel, mesa.Model):
    """A ``ClusterModel`` whose firms, buyers, governments and institutions are Mesa agents; same parameters.

    Notes
    -----
    The rules work on the columns and never on agents, so the agents of firms and buyers are made when somebody looks
    at them. ``model.steps`` counts from the first month, without the burn-in months. Newer Mesa keeps a scenario of
    its own under ``model.scenario``; ours is ``model.resolved``.
    """

    def __init__(self, scenario: Scenario, parameters: Parameters, seed: int) -> None:
        mesa.Model.__init__(self, rng=seed % (1 << 32))
        ClusterModel.__init__(self, scenario, parameters, seed)
        self.steps = 0
        self.buyers_made = False
        self.firm_of_slot: dict[int, Firm] = {}

    def class_of(self, behaviour: Any) -> type[Any]:
        """Return the Mesa agent class of a behaviour."""
        return agent_class(behaviour)

    @property
    def agents(self) -> Any:
        """All agents in business, as Mesa's agent set."""
        self._bring_agents_up_to_date()
        return super().agents

    @property
    def agents_by_type(self) -> Any:
        """Agents in business by class: ``model.agents_by_type[Firm]``."""
        self._bring_agents_up_to_date()
        return super().agents_by_type

    @property
    def agent_types(self) -> Any:
        """Classes of agents in business."""
        self._bring_agents_up_to_date()
        return super().agent_types

    def _bring_agents_up_to_date(self) -> None:
        """Give firms and buyers their agents, and remove those of closed firms."""
        if not hasattr(self, "firm_of_slot"):  # Mesa looks at its agents while it is still being set up
            return
        if not self.buyers_made:
            self.buyers_made = True
            for row in range(self.state.buyers.slot.size):
                Buyer(self, row)
        live = dict(zip(self.state.firms.slot[self.state.live].tolist(), self.state.live.tolist(), strict=True))
        for slot in [slot for slot in self.firm_of_slot if slot not in live]:
            self.firm_of_slot.pop(slot).remove()
        for slot, row in live.items():
            if slot not in self.firm_of_slot:
                self.firm_of_slot[slot] = Firm(self, row)


@cache
def agent_class(behaviour: Any) -> type[Any]:
    """Return the Mesa agent class of a behaviour: ``model.agents_by_type[agent_class(CountyGovernment)]``."""

    def begin(self: Any, model: MesaModel, *described_by: Any) -> None:
        mesa.Agent.__init__(self, model)
        behaviour.__init__(self, model, *described_by)

    return type(behaviour.__name__, (behaviour, mesa.Agent), {"__init__": begin, "__doc__": behaviour.__doc__})
