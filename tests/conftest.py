"""What every test shares: one thread, no window, English, the same examples from Hypothesis, and an order."""

from __future__ import annotations

import os

import pytest
from hypothesis import settings

from tests.shortfalls import KNOWN

for _name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "COUNTYSIM_DEBUG", "BROWSER", "DISPLAY", "WAYLAND_DISPLAY"):
    os.environ.pop(_name, None)
os.environ.update(
    LANG="C.UTF-8", MPLBACKEND="Agg", OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1", NUMBA_NUM_THREADS="1"
)

settings.register_profile("countysim", derandomize=True, deadline=None, database=None)
settings.load_profile("countysim")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put slow tests first, or one of them alone would hold up the end; mark what is known to fall short."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)
    collected: dict[str, set[str]] = {}
    for item in items:
        file, _, test = item.nodeid.partition("::")
        collected.setdefault(file, set()).add(test)
        if test in KNOWN.get(file, {}):
            item.add_marker(pytest.mark.xfail(strict=True, reason=KNOWN[file][test]))
    if not any("::" in argument for argument in config.args):  # whole files
        gone = [f"{file}::{test}" for file in collected for test in KNOWN.get(file, {}) if test not in collected[file]]
        if gone:
            raise pytest.UsageError(f"tests/shortfalls.py names no test: {', '.join(gone)}")
