"""What must come out to the bit on every processor, as digests; and functions of libraries that must not have a part.

::

    python -m tests.processors                    # digests of this machine
    python -m tests.processors --fit FOLDER       # that of a small fit too, made in the folder
    python -m tests.processors --scenarios A B    # and of the first replicate of scenarios, as in scenarios/expected

``tests/digests.toml`` holds what they must be.
"""

from __future__ import annotations

import argparse
import builtins
import contextlib
import hashlib
import importlib
import json
import math
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numba
import numpy as np
import scipy.special
from numba.core.registry import cpu_target

from sim.calibrate.fitting import fit_together
from sim.calibrate.generators import Draws
from sim.calibrate.posterior import Pool
from sim.calibrate.sampling import EVERY, LEAST_ADAPTED
from sim.calibrate.space import space_of
from sim.calibrate.trials import Trials, sobol_scores, unit_of
from sim.rules import elementary
from sim.scenario.loader import load
from tests import expected
from tests.calibrate.small_fit import EFFORT, SMALL
from tests.calibrate.toy_unit import toy_baseline
from tests.test_docking import small_run

CHAINS = 16
FILE = Path(__file__).with_name("digests.toml")
HEADER = """\
# What a short run, a design, a posterior of invented figures, the elementary functions and a small fit give, on every
# processor, as digests. Written by  python -m tests.update_expected
"""

BY_PROCESSOR = (
    *("exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "logaddexp", "logaddexp2", "power", "float_power"),
    *("sin", "cos", "tan", "arcsin", "arccos", "arctan", "arctan2", "sinh", "cosh", "tanh", "hypot", "cbrt"),
    *("dot", "vdot", "inner", "matmul", "vecdot", "matvec", "vecmat", "tensordot", "einsum", "convolve", "correlate"),
    *("cov", "corrcoef", "vander", "geomspace", "logspace"),
)
"""Functions of NumPy that take another form by processor, or may; products and what is made of them are among them."""
OF_MATH = (
    *("exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "pow", "sin", "cos", "tan", "asin", "acos", "atan"),
    *("atan2", "sinh", "cosh", "tanh", "hypot", "cbrt", "erf", "erfc", "gamma", "lgamma", "dist"),
)
"""Functions of the C library, whose last digits depend on its version and on fused multiply-add."""


def _hash(*arrays: Any) -> str:
    whole = hashlib.sha256()
    for array in arrays:
        whole.update(np.ascontiguousarray(array).tobytes())
    return whole.hexdigest()[:16]


def of_run() -> str:
    """Return the digest of four months with a fund, a park, a fair and stands abroad (``tests/test_docking.py``)."""
    record = small_run()
    return _hash(record.monthly, record.purchases, record.money, np.frombuffer(record.digest.encode(), np.uint8))


def of_design() -> str:
    """Return the digest of a design of experiments, as scores and as values."""
    space = space_of(load("guanxian-2023").scenario)
    scores = sobol_scores(space, 64, 5)
    values = space.values(scores)
    again = [item.score(values[:, k]) for k, item in enumerate(space.dimensions)]
    return _hash(scores, values, np.stack(again, axis=-1))


def of_posterior() -> str:
    """Return the digest of a posterior of invented figures: emulators, correlations, chains that learn a guide."""
    baseline = toy_baseline()
    scores = sobol_scores(baseline.space, 64, 3)
    answers = np.stack([scores[:, 0] + 0.3 * scores[:, 1] * scores[:, 2], scores[:, 1] - 0.2 * scores[:, 0]], axis=1)
    answers = 0.5 + 0.1 * answers + 0.01 * Draws(1).normal(*answers.shape)
    unit, _ = unit_of(baseline, Trials(scores, answers, ("",) * len(scores)))
    steps = -(-2 * LEAST_ADAPTED * EVERY // CHAINS) * 4
    pool = Pool((unit,))
    chains = pool.sample(CHAINS, steps, 20, 7)
    likelihood = pool.target()(chains.flat)
    return _hash(unit.residual_correlation, *(item.inverse for item in unit.emulators), chains.scores, likelihood)


def of_functions() -> str:
    """Return the digest of the elementary functions at a thousand points each."""
    x = np.linspace(-40.0, 40.0, 1001)
    p = (np.arange(1001) + 0.5) / 1001
    turns = elementary.circles(x / 7.0)
    return _hash(
        elementary.exps(x), elementary.logs(p), elementary.powers(p, x), elementary.normal_quantiles(p),
        elementary.normal_shares(x), *turns,
    )  # fmt: skip


def of_fit(folder: Path) -> str:
    """Return the digest of a small fit made in ``folder``, from its trials to its diagnostics."""
    (written,) = fit_together([SMALL], folder / "work", folder / "fits", EFFORT, jobs=1)
    return digest_of(written)


def digest_of(fit: Path) -> str:
    """Return the digest of the draws of a fit and of all numbers in its diagnostics."""
    diagnostics = json.loads((fit / "diagnostics.json").read_text(encoding="utf-8"))
    numbers = json.dumps(_numbers(diagnostics))
    return hashlib.sha256((fit / "draws.csv").read_bytes() + numbers.encode()).hexdigest()[:16]


def _numbers(found: Any) -> list[Any]:
    """Return the numbers in what was read from JSON, in order."""
    if isinstance(found, dict | list):
        items = found.values() if isinstance(found, dict) else found
        return [number for item in items for number in _numbers(item)]
    return [found] if isinstance(found, int | float) else []


QUICK: dict[str, Callable[[], str]] = {
    "functions": of_functions,
    "design": of_design,
    "posterior": of_posterior,
    "run": of_run,
}


def committed() -> dict[str, str]:
    """Return the digests that must come out."""
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


def text(digests: dict[str, str]) -> str:
    """Return the content of the file of digests."""
    return HEADER + "\n" + "".join(f'{name} = "{digest}"\n' for name, digest in digests.items())


@contextlib.contextmanager
def library_functions_raise() -> Iterator[None]:
    """Let every function of NumPy, SciPy and the C library raise whose last digits depend on the processor.

    Names that modules of the package have imported are replaced too. SciPy's compiled functions (``scipy.special``)
    all count.
    """
    # The compiler binds NumPy's functions when it is readied: not while they are others.
    cpu_target.typing_context.refresh()
    cpu_target.target_context.refresh()
    banned: dict[int, str] = {}
    places: list[tuple[Any, str]] = []
    special = [name for name in dir(scipy.special) if isinstance(getattr(scipy.special, name), np.ufunc)]
    linear = [name for name in dir(np.linalg) if callable(getattr(np.linalg, name)) and name.islower()]
    groups = ((np, BY_PROCESSOR), (math, OF_MATH), (scipy.special, special), (np.linalg, linear))
    for module, names in groups:
        for name in names:
            function = getattr(module, name, None)
            if function is not None:
                banned[id(function)] = f"{module.__name__}.{name}"
                places.append((module, name))
    for module in [module for name, module in sys.modules.items() if name == "sim" or name.startswith("sim.")]:
        places += [(module, name) for name, value in vars(module).items() if id(value) in banned]

    def refusing(told: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def refuse(*given: Any, **options: Any) -> Any:
            if all(isinstance(item, np.ndarray) and item.dtype.kind in "iub" for item in given):
                return function(*given, **options)  # products of whole numbers are exact (scrambling of a design)
            raise AssertionError(f"{told} was called: its last digits depend on the processor")

        return refuse

    before = [(module, name, getattr(module, name)) for module, name in places]
    for module, name, function in before:
        setattr(module, name, refusing(banned[id(function)], function))
    before.append((builtins, "sum", sum))
    builtins.sum = _sum_of_no_floats(sum)  # type: ignore[assignment]
    try:
        yield
    finally:
        for module, name, function in before:
            setattr(module, name, function)


def _sum_of_no_floats(real: Callable[..., Any]) -> Callable[..., Any]:
    """Return ``sum`` that the package may not use for floats: from Python 3.12 on it rounds otherwise than before."""

    def checked(items: Any, /, start: Any = 0) -> Any:
        found = list(items)
        inside = sys._getframe(1).f_globals.get("__name__", "").split(".")[0] == "sim"
        if inside and real(type(item) is float for item in found) > 1:
            raise AssertionError("sum of floats: its last digits depend on the version of Python; use math.fsum")
        return real(found, start)

    return checked


def features_to_switch_off() -> str:
    """Return the features of this processor that NumPy has other code for, as it wants them named."""
    core = importlib.import_module("numpy._core._multiarray_umath")
    return " ".join(name for name in core.__cpu_dispatch__ if core.__cpu_features__[name])


def circumstances() -> dict[str, str]:
    """Return what this process has of the processor: NumPy's features, Numba's target, the C library's last digits."""
    points = [k / 97.0 for k in range(1, 1000)]
    library = [function(x) for function in (math.exp, math.log, math.sin) for x in points]
    return {
        "features": features_to_switch_off(),
        "target": str(numba.config.CPU_NAME or "host"),
        "library": _hash(np.array(library)),
    }


def main() -> None:
    """Print digests and circumstances as JSON."""
    said = argparse.ArgumentParser()
    said.add_argument("--fit", type=Path)
    said.add_argument("--scenarios", nargs="*", default=[])
    options = said.parse_args()
    found = {name: make() for name, make in QUICK.items()}
    if options.fit is not None:
        found["fit"] = of_fit(options.fit)
    if options.scenarios:
        outcomes = expected.outcomes(options.scenarios, 1)
        found |= {reference: outcome.digests[0] for reference, outcome in outcomes.items()}
    print(json.dumps({"digests": found, "circumstances": circumstances()}))


if __name__ == "__main__":
    main()
