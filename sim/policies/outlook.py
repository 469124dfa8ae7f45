"""What a policy's terms are told when they are asked, before any run, what they plan to spend."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Outlook:
    """A policy in the time it is simulated.

    Attributes
    ----------
    start, end, planned_end
        Months, as in the policy; None where it stays in force.
    first
        First simulated month.
    terms_at
        Terms in force in a month.
    parameters
        Values by dotted name, as in the file of parameters or as the scenario sets them.
    """

    start: int
    end: int | None
    planned_end: int | None
    first: int
    terms_at: Callable[[int], Any]
    parameters: Mapping[str, float]

    def in_force(self, month: int) -> bool:
        """Return whether the policy is in force in a month."""
        return self.start <= month and (self.end is None or month <= self.end)
