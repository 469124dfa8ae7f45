"""Keyed random draws: every draw is a function of (seed, stream, month, slot[, second slot]).

There is no generator with a state. A draw is a splitmix64 hash [1]_ of its key, turned into a number between 0 and 1;
distributions come from the inverse of their cumulative distribution. So neither the order of work, nor the number of
processes, nor one more firm can change anybody's random draws, and a scenario is paired with its baseline draw by draw.
This module is plain Python; ``sim.rules.chance`` holds the compiled twins that give the same bits.

References
----------
.. [1] Steele, Lea and Flood (2014), Fast splittable pseudorandom number generators, OOPSLA.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache

MASK = 0xFFFFFFFFFFFFFFFF
GOLDEN = 0x9E3779B97F4A7C15
FIRST = 0xBF58476D1CE4E5B9
SECOND = 0x94D049BB133111EB


def mix(value: int) -> int:
    """Return the splitmix64 finaliser of a 64-bit integer (a bijection on 0 .. 2**64-1)."""
    value &= MASK
    value = ((value ^ (value >> 30)) * FIRST) & MASK
    value = ((value ^ (value >> 27)) * SECOND) & MASK
    return value ^ (value >> 31)


def combine(key: int, number: int) -> int:
    """Return a new key from a key and one more number (a month, a slot); order matters."""
    return mix((key + ((number & MASK) + 1) * GOLDEN) & MASK)


def stream(name: str) -> int:
    """Return the 64-bit number of a named stream, for example ``"exit"`` or ``"entry"``."""
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "little")


def key(seed: int, name: str, *numbers: int) -> int:
    """Return the key of a stream of one replicate, narrowed by further numbers such as the month."""
    result = _of_stream(seed, name)
    for number in numbers:
        result = combine(result, number)
    return result


@lru_cache(maxsize=4096)
def _of_stream(seed: int, name: str) -> int:
    """Return the key of a stream of one replicate; a run asks for the same few streams every month."""
    return combine(mix(seed & MASK), stream(name))


def to_unit(value: int) -> float:
    """Return a number strictly between 0 and 1 from the upper 52 bits of a 64-bit integer.

    An odd multiple of 2**-53 is a float exactly, so that the largest cannot round up to 1.
    """
    return ((value >> 11) | 1) * 2.0**-53


def uniform_named(seed: int, name: str, *numbers: int) -> float:
    """Return the uniform draw of ``(seed, stream name, numbers)``, strictly between 0 and 1."""
    return to_unit(key(seed, name, *numbers))


def replicate_seed(seed: int, replicate: int) -> int:
    """Return the seed of one replicate: the same in every scenario, different for every replicate.

    ``seed`` is the scenario's seed (0 is a seed like any other); the result lies in 0 .. 2**63-1 so that it can be
    written to any file.
    """
    return key(seed, "replicate", replicate) >> 1
