"""Draws that leave a place unable to serve its customers: found by the model's own runs, discarded, and counted.

The likelihood keeps draws away from starved starts as far as an emulator knows (``sim.calibrate.questions.served``).
What the emulator missed is found here. Orders that nobody delivers are worth a fortune to whoever pays for a machine,
so a few such draws would carry the mean effect of a policy.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.calibrate.measurement import load_widths
from sim.calibrate.questions import CONDITION
from sim.calibrate.scores import BAND, band_by_name

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sim.calibrate.algebra import Floats
    from sim.calibrate.trials import Baseline, Trials


@dataclass(frozen=True)
class Service:
    """Share of orders that makers deliver in the first year, over trials and posterior draws.

    Attributes
    ----------
    trials
        Over trials spread over the prior and what the first ones leave likely.
    checked
        Over posterior draws the model was run with; empty without any.
    starved
        Positions of posterior draws below the floor.
    """

    trials: Floats
    checked: Floats
    starved: NDArray[np.int64]

    @property
    def refused(self) -> bool:
        """Whether too many draws cannot serve their customers for the others to be a fit."""
        return self.starved.size > load_widths().service_refused * self.checked.size

    def record(self) -> dict[str, Any]:
        """Return what diagnostics hold of it."""
        least = load_widths().service_least
        return {
            "least": least,
            "trials_below": float((self.trials < least).mean()) if self.trials.size else 0.0,
            "checked": int(self.checked.size),
            "discarded": int(self.starved.size),
            "band": band_by_name(np.quantile(self.checked, BAND)) if self.checked.size else None,
        }


def service_of(baseline: Baseline, trials: Trials, *runs: Trials | None) -> Service:
    """Return the service of a baseline's trials and of the model's runs at posterior draws.

    Parameters
    ----------
    runs
        What the model gives at the first posterior draws, at one scale or another; a draw that one of them starves is
        discarded.
    """
    column, least = [item.id for item in baseline.asked].index(CONDITION), load_widths().service_least
    seen = [1.0 - found.values[:, column] for found in runs if found is not None]
    below = [np.flatnonzero(values < least) for values in seen]
    there = 1.0 - trials.values[:, column]
    checked = seen[0] if seen else np.empty(0)
    starved = np.unique(np.concatenate(below)) if below else np.empty(0, dtype=np.int64)
    return Service(there[np.isfinite(there)], checked[np.isfinite(checked)], starved.astype(np.int64))
