"""Is the distribution of outcomes the same in another version of the model?

::

    python -m tests.compare_law OTHER                # a checkout of the other version, 32 replicates of every baseline
    python -m tests.compare_law OTHER --trials       # its kept trials of first designs against those of this version

Both versions run the same replicates with the same draws of the fits, so that each outcome has its counterpart. Where
only last digits differ, discrete choices of a few firms part sooner or later, and outcomes differ by chance alone. Two
questions are asked of every observable: are the differences as often up as down (Wilcoxon's signed ranks), and are the
two distributions as near each other as when the versions change places within pairs at random (the largest distance of
their distribution functions, 999 such exchanges)? With hundreds of answers the smallest p value is small by chance, so
it is multiplied by the number of questions (Bonferroni). ``docs/versions.md`` holds the table.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
HERE = Path(__file__).resolve().parents[1]
BLOCK = 12
"""Replicates that one process simulates."""
LEAST = 20
"""Fewer counterparts with numbers say nothing."""
EXCHANGES = 999
SAME = 1e-9
"""An observable whose standard deviation is a smaller share of its mean is a term of the scenario."""


def simulate_some(reference: str, first: int, last: int, path: str) -> None:
    """Write the headline observables of some replicates of a baseline, first and last year; run by either version."""
    from sim.experiments.toolbox import standard_toolbox
    from sim.model import simulate
    from sim.observables import INDEX, OBSERVABLES
    from sim.parameters import load_parameters
    from sim.scenario.loader import load
    from sim.scenario.realise import realise
    from sim.state import draws
    from tests.expected import SHOWN, over_places, reduced

    loaded = load(reference)
    scenario, fitted = reduced(loaded.scenario), standard_toolbox().draws(loaded, loaded.scenario.seed, None)
    rows = []
    for number in range(first, last):
        values = fitted.values(number)
        given = {name: value for name, value in values.items() if name.startswith(("place.", "policy."))}
        drawn = {name: value for name, value in values.items() if name not in given}
        parameters = load_parameters({**drawn, **scenario.parameters})
        seed = draws.replicate_seed(scenario.seed, number)
        record = simulate(realise(scenario, number, given), parameters, seed)
        months = over_places(record.monthly)[-record.first_month % 12 :]
        years = months[: len(months) // 12 * 12].reshape(-1, 12, len(OBSERVABLES))
        how = {"sum": years.sum(axis=1), "last": years[:, -1], "mean": years.mean(axis=1)}
        shown = [how[OBSERVABLES[INDEX[name]].aggregate][:, INDEX[name]] for name in SHOWN]
        rows.append(np.array([values[year] for values in shown for year in (0, -1)]))
    np.save(path, np.array(rows))


@dataclass(frozen=True)
class Compared:
    """What the outcomes of one baseline say, over its observables."""

    name: str
    replicates: int
    questions: int
    shift: float
    shift_error: float
    signs: list[float]
    shapes: list[float]

    def row(self) -> str:
        """Return the row of the table."""
        signs, shapes = (min(1.0, min(values) * len(values)) for values in (self.signs, self.shapes))
        below = sum(value < 0.05 for value in self.signs) / len(self.signs)
        shift = f"{self.shift:+.3f} +- {self.shift_error:.3f}"
        return (
            f"| `{self.name}` | {self.replicates} | {self.questions} | {shift} | {below:.0%} | {signs:.2g} | "
            f"{shapes:.2g} |"
        )


TITLE = """\
| baseline | runs | observables | largest mean shift, in sd | signs p < 0.05 | smallest p, signs | smallest p, shape |
|---|---|---|---|---|---|---|"""


def compared(name: str, old: Floats, new: Floats) -> Compared:
    """Compare outcomes of the same replicates, both of shape (replicates, observables)."""
    from scipy.stats import wilcoxon

    signs, shapes, shifts = [], [], []
    for first, second in zip(old.T, new.T, strict=True):
        both = np.isfinite(first) & np.isfinite(second)
        one, other = first[both], second[both]
        if one.size < LEAST or one.std() <= SAME * abs(one.mean()):
            continue
        apart, spread = other - one, float(one.std())
        signs.append(float(wilcoxon(apart).pvalue) if apart.any() else 1.0)
        shapes.append(p_of_shape(one, other))
        shifts.append((float(apart.mean()) / spread, float(apart.std()) / spread / one.size**0.5))
    if not shifts:
        raise SystemExit(f"{name}: no observable that varies over at least {LEAST} replicates")
    shift, error = max(shifts, key=lambda pair: abs(pair[0]))
    return Compared(name, len(old), len(signs), shift, error, signs, shapes)


def p_of_shape(one: Floats, other: Floats) -> float:
    """Return the p value of the largest distance of two distribution functions when pairs may change places."""
    random = np.random.default_rng(1)
    pairs = np.stack([one, other])
    order = np.argsort(pairs.ravel(), kind="stable")
    ordered = pairs.ravel()[order]
    last = np.append(ordered[1:] > ordered[:-1], True)  # a step of both functions ends at the last of equal values
    signs = np.repeat([[1.0], [-1.0]], one.size, axis=1)
    exchanged = np.where(random.random((EXCHANGES, 1, one.size)) < 0.5, -1.0, 1.0)
    distances = [np.abs(np.cumsum((signs * flip).ravel()[order]))[last].max() for flip in (1.0, *exchanged)]
    return float(np.mean(np.array(distances) >= distances[0] - 1e-9))


def outcomes(root: Path, reference: str, replicates: int, folder: Path) -> Floats:
    """Return the headline observables of a baseline as the version in ``root`` gives them."""
    parts = []
    for first in range(0, replicates, BLOCK):
        path = folder / f"{reference}-{first}.npy"
        arguments = f"{reference!r}, {first}, {first + BLOCK}, {str(path)!r}"
        code = f"from compare_law import simulate_some; simulate_some({arguments})"
        search = os.pathsep.join([str(root), str(HERE / "tests")])
        subprocess.run([sys.executable, "-c", code], cwd=root, env={**os.environ, "PYTHONPATH": search}, check=True)
        parts.append(np.load(path))
    return np.concatenate(parts)[:replicates]


def compare_runs(other: Path, references: list[str], replicates: int) -> list[Compared]:
    """Run every baseline in both versions, side by side."""
    found = []
    for reference in references:
        with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor() as both:
            folders = [Path(folder) / name for name in ("old", "new")]
            for one in folders:
                one.mkdir()
            tasks = [both.submit(outcomes, root, reference, replicates, where)
                     for root, where in zip((other, HERE), folders, strict=True)]  # fmt: skip
            found.append(compared(reference, *(task.result() for task in tasks)))
        print(found[-1].row(), flush=True)
    return found


def compare_trials(other: Path) -> list[Compared]:
    """Compare the kept trials of first designs, by their number."""
    found = []
    for path in sorted((HERE / "calibration" / "trials").glob("*-first-*.npz")):
        name = path.stem.rsplit("-first-", 1)[0]
        with np.load(path) as part:
            number, new = part["number"], part["values"]
        for candidate in sorted((other / "calibration" / "trials").glob(f"{name}-*.npz")):
            with np.load(candidate) as part:
                same = part["number"].tolist() == number.tolist() and part["values"].shape == new.shape
                if same:
                    found.append(compared(name, part["values"], new))
                    print(found[-1].row(), flush=True)
    return found


def main() -> None:
    """Print the table."""
    from sim.calibrate.fits import known_fits, read_fit

    said = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    said.add_argument("other", type=Path)
    said.add_argument("references", nargs="*")
    said.add_argument("--replicates", type=int, default=32)
    said.add_argument("--trials", action="store_true")
    options = said.parse_args()
    print(TITLE)
    other = options.other.resolve()
    references = options.references or [read_fit(name).settings.scenario for name in known_fits()]
    found = compare_trials(other) if options.trials else compare_runs(other, references, options.replicates)
    signs, shapes = [p for one in found for p in one.signs], [p for one in found for p in one.shapes]
    print(f"\n{len(signs)} questions: {sum(p < 0.05 for p in signs) / len(signs):.1%} of signs and "
          f"{sum(p < 0.05 for p in shapes) / len(shapes):.1%} of shapes have p < 0.05; smallest p times their number: "
          f"{min(1.0, min(signs) * len(signs)):.2g} and {min(1.0, min(shapes) * len(shapes)):.2g}")  # fmt: skip


if __name__ == "__main__":
    main()
