"""What every test shares: one thread, no window, English, and the same examples from Hypothesis each time."""

from __future__ import annotations

import os

from hypothesis import settings

for _name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "COUNTYSIM_DEBUG", "BROWSER", "DISPLAY", "WAYLAND_DISPLAY"):
    os.environ.pop(_name, None)
os.environ.update(
    LANG="C.UTF-8", MPLBACKEND="Agg", OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1", NUMBA_NUM_THREADS="1"
)

settings.register_profile("countysim", derandomize=True, deadline=None, database=None)
settings.load_profile("countysim")
