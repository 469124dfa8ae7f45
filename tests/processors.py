"""What must come out to the bit on every processor, as digests; and functions of libraries that must not have a part.

``python -m tests.processors`` prints the digests of this machine, ``python -m tests.processors FOLDER`` that of a
small fit too, made in that folder. ``tests/digests.toml`` holds what they must be.
"""

from __future__ import annotations

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

import numpy as np
import scipy.special

from sim.calibrate.chance import Draws
from sim.calibrate.design import sobol_scores
from sim.calibrate.fitting import fit_together
from sim.calibrate.posterior import Pool
from sim.calibrate.space import space_of
from sim.calibrate.units import Trials, unit_of
from sim.rules import elementary
from sim.scenario.loader import load
from tests.calibrate.small_fit import EFFORT, SMALL
from tests.calibrate.toy_unit import toy_baseline
from tests.test_docking import small_run

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
    """Return the digest of a short run with every kind of policy that other tests run in plain Python."""
    record = small_run()
    return _hash(record.monthly, record.purchases, record.money, np.frombuffer(record.digest.encode(), np.uint8))


def of_design() -> str:
    """Return the digest of a design of experiments, as scores and as values."""
    space = space_of(load("guanxian-2023").scenario)
    scores = sobol_scores(space, 64, 5)
    return _hash(scores, space.values(scores), space.scores(space.values(scores)))


def of_posterior() -> str:
    """Return the digest of a posterior of invented figures: emulators, correlations, chains that learn."""
    baseline = toy_baseline()
    scores = sobol_scores(baseline.space, 64, 3)
    answers = np.stack([scores[:, 0] + 0.3 * scores[:, 1] * scores[:, 2], scores[:, 1] - 0.2 * scores[:, 0]], axis=1)
    answers = 0.5 + 0.1 * answers + 0.01 * Draws(1).normal(*answers.shape)
    unit, _ = unit_of(baseline, Trials(scores, answers, ("",) * len(scores)))
    chains = Pool((unit,)).sample(8, 800, 20, 7)
    return _hash(
        unit.residual_correlation, *(item.inverse for item in unit.emulators), chains.scores, chains.likelihood
    )


def of_functions() -> str:
    """Return the digest of the elementary functions at a thousand points each."""
    x = np.linspace(-40.0, 40.0, 1001)
    p = (np.arange(1001) + 0.5) / 1001
    turns = elementary.circles(x / 7.0)
    return _hash(
        elementary.exps(x), elementary.logs(p), elementary.powers(p, x), elementary.normal_quantiles(p),
        elementary.normal_shares(x), elementary.log_normal_shares(x), *turns,
    )  # fmt: skip


def of_fit(folder: Path) -> str:
    """Return the digest of the draws of a small fit made in ``folder``, from its trials to its draws."""
    (written,) = fit_together([SMALL], folder / "work", folder / "fits", EFFORT, jobs=1)
    return digest_of(written)


def digest_of(fit: Path) -> str:
    """Return the digest of the draws of a fit."""
    return hashlib.sha256((fit / "draws.csv").read_bytes()).hexdigest()[:16]


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
    try:
        yield
    finally:
        for module, name, function in before:
            setattr(module, name, function)


def features_to_switch_off() -> str:
    """Return the features of this processor that NumPy has other code for, as it wants them named."""
    core = importlib.import_module("numpy._core._multiarray_umath")
    return " ".join(name for name in core.__cpu_dispatch__ if core.__cpu_features__[name])


if __name__ == "__main__":
    found = {name: make() for name, make in QUICK.items()}
    if len(sys.argv) > 1:
        found["fit"] = of_fit(Path(sys.argv[1]))
    print(json.dumps({"digests": found, "features": features_to_switch_off()}))
