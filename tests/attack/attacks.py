"""All attacks by name, and how often each is made."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from tests.attack.broken import clock, crowded, damaged, faults, full, killed, odd_surroundings, vanished
from tests.attack.common import Findings, Tally
from tests.attack.mutants import survivors
from tests.attack.mutate import mutated_files
from tests.attack.whole import hostile_names, large, memory, no_network


class Attack(NamedTuple):
    """An attack takes a seed, a count and a tally, and yields a line a finding."""

    make: Callable[[int, int, Tally], Findings]
    long: int
    """Count of the long form."""
    short: int
    """Count of the form that runs with the tests; 0: it does not."""


ATTACKS = {
    "mutations": Attack(mutated_files, 10_000, 14),
    "killed": Attack(killed, 200, 3),
    "faults": Attack(faults, 4, 1),
    "full": Attack(full, 60, 4),
    "vanished": Attack(vanished, 60, 4),
    "clock": Attack(clock, 100, 2),
    "damaged": Attack(damaged, 3_000, 12),
    "crowded": Attack(crowded, 10, 1),
    "odd": Attack(odd_surroundings, 6, 2),
    "names": Attack(hostile_names, 20, 1),
    "network": Attack(no_network, 5, 2),
    "large": Attack(large, 3, 0),
    "memory": Attack(memory, 1_000, 0),
    "mutants": Attack(survivors, 420, 0),
}
