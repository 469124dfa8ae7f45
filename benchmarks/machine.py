"""What the machine can do at best: bandwidth of memory, scattered reads and writes, draws, logarithms."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numba
import numpy as np

from sim.rules.chance import month_key, uniforms
from sim.rules.elementary import logs

if TYPE_CHECKING:
    from collections.abc import Callable


@numba.njit
def _triad(a: np.ndarray, b: np.ndarray, c: np.ndarray) -> None:
    for i in range(a.size):
        a[i] = b[i] + 3.0 * c[i]


@numba.njit
def _gather(out: np.ndarray, table: np.ndarray, where: np.ndarray) -> None:
    for i in range(where.size):
        out[i] = table[where[i]]


@numba.njit
def _scatter(table: np.ndarray, where: np.ndarray) -> None:
    for i in range(where.size):
        table[where[i]] += 1.0


def best(work: Callable[[], object], repetitions: int) -> float:
    """Return the least seconds of processor time of several goes, after one that does not count."""
    work()
    goes = []
    for _ in range(repetitions):
        begun = time.process_time()
        work()
        goes.append(time.process_time() - begun)
    return min(goes)


def limits(size: int = 1 << 23, repetitions: int = 5) -> dict[str, float]:
    """Return limits of one core on arrays of ``size`` numbers, best far beyond its caches."""
    a, b, c = np.zeros(size), np.ones(size), np.ones(size)
    where = np.random.default_rng(1).integers(0, size, size)
    slots, key = np.arange(size), month_key(1, "benchmark", 1)
    return {
        "triad, bytes a second": 24.0 * size / best(lambda: _triad(a, b, c), repetitions),
        "scattered read, ns": 1e9 / size * best(lambda: _gather(a, b, where), repetitions),
        "scattered write, ns": 1e9 / size * best(lambda: _scatter(a, where), repetitions),
        "keyed draw, ns": 1e9 / size * best(lambda: uniforms(key, slots), repetitions),
        "logarithm, ns": 1e9 / size * best(lambda: logs(b), repetitions),
    }
