"""countysim: a policy laboratory for county industrial clusters.

>>> import sim
>>> runs = sim.run("yongnian-2023", replicates=20)   # doctest: +SKIP
>>> data = sim.load("yongnian-2023")                 # doctest: +SKIP

``sim.load`` gives a run as an xarray Dataset, ``sim.find_run`` as a ``Run`` (``.annual("output_value")``). Importing
``sim`` loads nothing else: what these functions need is imported when they are called.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from sim.versions import MODEL_LAW, MODEL_VERSION, __version__

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from typing import Any

    import xarray

    from sim.experiments import Run

__all__ = ["MODEL_LAW", "MODEL_VERSION", "__version__", "find_run", "load", "run"]


def load(reference: str | Sequence[str], out: str | Path | None = None) -> xarray.Dataset:
    """Return the newest run of a scenario as an xarray Dataset (scenario, replicate, month, place).

    See ``sim.experiments.load``.
    """
    from pathlib import Path

    from sim import experiments

    return experiments.load(reference, None if out is None else Path(out))


def find_run(reference: str, out: str | Path | None = None) -> Run:
    """Return the newest run of a scenario, or the run with the given id or folder; see ``sim.experiments.find_run``."""
    from pathlib import Path

    from sim import experiments

    return experiments.find_run(reference, None if out is None else Path(out))


def run(*references: str, replicates: int | None = None, out: str | Path | None = None, **options: Any) -> list[Run]:
    """Run scenarios (what is finished is reused) and return their runs; see ``sim.experiments.run_ensemble``."""
    from pathlib import Path

    from sim import experiments

    return experiments.run_ensemble(references, replicates, out=None if out is None else Path(out), **options)


def __getattr__(name: str) -> Any:
    """Import ``sim.compare`` on first use."""
    if name == "compare":
        return importlib.import_module("sim.compare")
    raise AttributeError(f"module 'sim' has no attribute {name!r}")
