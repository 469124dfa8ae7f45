"""Facts of firms on draws of a fit: measured one to one, in a constant world, and kept beside the fit.

What is published, and the estimators, lie in ``sim.reporting.firm_statistics``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from sim.calibrate.still_runs import Measure, keep_beside, kept_beside, run_draws, still_baseline
from sim.reporting.firm_statistics import DESCRIBED, MONTHS, Fact, measured, read_stock
from sim.rules.elementary import powers

if TYPE_CHECKING:
    from pathlib import Path

    from sim.calibrate.algebra import Floats
    from sim.calibrate.fits import Fit
    from sim.calibrate.still_runs import StillBaseline
    from sim.experiments.engine import Jobs
    from sim.experiments.progress import Progress
    from sim.model import ClusterModel

KEPT: Final = "firm_facts.json"
YEARS: Final = 10
"""Years of a constant world in which the firms of a draw are measured."""
WANTED: Final = 0.8
"""Share of draws in which a fact must lie in its range: four of five."""

# --- runs ----------------------------------------------------------------------------------------------------------


def take(model: ClusterModel, _part: str = "") -> Floats:
    """Return the facts of the firms of a model at its first month, in the order of ``DESCRIBED``: it is run."""
    scenario = model.resolved
    model.notebook.keeps_panel = True
    links = np.zeros((2, 2))
    for _ in range(scenario.time.months):
        model.step()
        links += model.state.link_counts.sum(axis=0)
    panel = model.notebook.record(model.anchors, "").panel
    assert panel is not None
    lasting = powers(1.0 - links[1] / np.maximum(links[0], 1.0), MONTHS).tolist()
    price = float(model.state.world.producer)
    return np.array(list(measured(panel, scenario.time.start, price, lasting, read_stock()).values()))


FIRMS: Final = Measure("firm-facts", ("",), take, len(DESCRIBED))


@dataclass(frozen=True)
class FirmsOfDraws:
    """Facts of firms on draws of a fit.

    Attributes
    ----------
    values
        Shape (draws, numbers), in the order of ``DESCRIBED``.
    errors
        Of draws that failed, which are left out.
    """

    place: str
    reference: str
    scale: int
    years: int
    values: Floats
    errors: tuple[str, ...] = ()

    @property
    def draws(self) -> int:
        """Number of draws that did not fail."""
        return len(self.values)

    def of(self, fact: Fact) -> Floats:
        """Return a fact by draw."""
        return self.described(fact.name)

    def described(self, name: str) -> Floats:
        """Return a number of ``DESCRIBED`` by draw."""
        return np.asarray(self.values[:, DESCRIBED.index(name)])

    def inside(self, fact: Fact) -> int:
        """Return in how many draws a fact lies in its range."""
        return sum(map(fact.holds, self.of(fact).tolist()))

    def holds(self, fact: Fact) -> bool:
        """Return whether a fact lies in its range in at least ``WANTED`` of the draws."""
        return self.inside(fact) >= WANTED * self.draws


def firms_baseline(place: str) -> StillBaseline:
    """Return the baseline on which the firms of a place are measured: one to one, a set of places at its own scale."""
    found = still_baseline(place, YEARS)
    if len(found.scenario.places) > 1:
        return found
    return replace(found, scenario=replace(found.scenario, firms_per_agent=1))


def run_facts(
    baseline: StillBaseline, draws: int, jobs: Jobs = None, progress: Progress | None = None, out: Path | None = None
) -> FirmsOfDraws:
    """Measure what is missing and return the facts; finished draws are used again."""
    rows, failed = run_draws(baseline, FIRMS, draws, jobs, progress, out, facts=DESCRIBED)
    scale = baseline.scenario.firms_per_agent
    return FirmsOfDraws(baseline.place, baseline.reference, scale, baseline.years, rows, failed)


def keep(found: FirmsOfDraws, fit: str) -> Path:
    """Write facts beside the fit on whose draws they were measured; return where."""
    values = {
        name: [float(f"{value:.5g}") if math.isfinite(value) else None for value in found.values[:, column]]
        for column, name in enumerate(DESCRIBED)
    }
    about = {"place": found.place, "reference": found.reference, "scale": found.scale, "years": found.years}
    return keep_beside(fit, KEPT, {**about, "values": values, "errors": list(found.errors)})


def kept(fit: Fit) -> tuple[FirmsOfDraws | None, bool]:
    """Return the facts kept beside a fit, None without any, and whether they belong to it as it is now."""

    def read(found: dict[str, Any]) -> FirmsOfDraws | None:
        values, errors = found.pop("values"), tuple(found.pop("errors"))
        if set(values) != set(DESCRIBED):
            return None
        columns = [np.array(values[name], dtype=np.float64) for name in DESCRIBED]
        return FirmsOfDraws(values=np.stack(columns, axis=1), errors=errors, **found)

    return kept_beside(fit, KEPT, read)
