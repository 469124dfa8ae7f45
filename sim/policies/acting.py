"""What every acting institution shares: its policy, the terms in force, and the verbs.

``start`` sets up what is already there when the run begins, ``act`` does the month's work, ``close`` winds up when the
policy ends, and ``wind_up`` keeps every month what was promised earlier.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from sim.policies.registry import PolicyFolderError, module_of, policy_types
from sim.policies.terms import Terms

if TYPE_CHECKING:
    from sim.scenario.resolved import Policy


OwnTerms = TypeVar("OwnTerms", bound=Terms)


class Institution(Generic[OwnTerms]):
    """One policy at work in one place, or in all its places at once.

    Attributes
    ----------
    for_all_places
        One institution decides for all places of its policy; else there is one for each place.
    turn
        Institutions act in order of their turn, then in the order of the scenario's policies. Designations come first
        (0), as others ask who is designated, then projects (1), then all others (2).
    position
        Position of the policy in the scenario.
    places
        Positions of its places, in the scenario's order; ``place`` is the first of them.
    """

    for_all_places: ClassVar[bool] = False
    turn: ClassVar[int] = 2

    def __init__(self, model: Any) -> None:
        self.model = model

    def set_up(self, policy: Policy, position: int, *places: int) -> None:
        """Tie the institution to its policy and places."""
        self.policy = policy
        self.position = position
        self.places = places
        self.place = places[0]
        self.closed = False

    @property
    def state(self) -> Any:
        """State of the simulated world."""
        return self.model.state

    @property
    def terms(self) -> OwnTerms:
        """Terms in force this month."""
        return self.terms_at(self.state.month)

    def terms_at(self, month: int) -> OwnTerms:
        """Return the terms in force in a month."""
        return self.policy.terms_at(month)  # type: ignore[return-value]

    @property
    def policy_key(self) -> int:
        """Number that keys the draws of this policy: the same wherever it stands in the scenario."""
        return int(self.model.policy_number(self.policy.id))

    @property
    def places_in_force(self) -> list[int]:
        """Positions of the places in which the policy acts this month: all, or those designated as it asks."""
        reference = self.policy.where_designated
        return [place for place in self.places if reference is None or self.model.designated(reference, place)]

    @property
    def in_force(self) -> bool:
        """Whether the policy is in force this month; while the start settles, as it was just before the run.

        A policy for designated places is in force in none before the first of them is designated.
        """
        month: int = max(self.state.month, self.model.first_month - 1)
        return self.policy.in_force(month) and bool(self.places_in_force)

    def step(self) -> None:
        """Act while in force, and close once when the policy has ended."""
        if self.in_force:
            self.act()
        elif self.policy.end is not None and self.state.month > self.policy.end and not self.closed:
            self.closed = True
            self.close()
        self.wind_up()

    def start(self) -> None:
        """Set up what is there before the first settling month."""

    def act(self) -> None:
        """Do this month's work."""

    def close(self) -> None:
        """Wind up in the first month after the policy has ended."""

    def wind_up(self) -> None:
        """Keep promises made earlier, in force or not."""


def behaviour_of(name: str) -> type[Institution[Any]]:
    """Return the institution that the ``action`` module of policy type ``name`` defines.

    The module is imported here, when a model is made: it needs Mesa and Numba, which reading a scenario does not.

    Raises
    ------
    PolicyFolderError
        If the module of a type of a project cannot be imported or defines none.
    """
    folder = policy_types()[name].folder
    module = module_of(folder, "action")
    own = (value for value in vars(module).values() if getattr(value, "__module__", "") == module.__name__)
    for value in own:
        if isinstance(value, type) and issubclass(value, Institution):
            return value
    raise PolicyFolderError(folder / "action.py", 0, "no class in it is a sim.policies.acting.Institution")
