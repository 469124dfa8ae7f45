"""How rules are compiled, and where the compiled code is kept.

``rule`` marks a small scalar function that is inlined into the loops that call it; ``function`` marks one that is
called; ``loop`` marks a loop over columns. With ``NUMBA_DISABLE_JIT=1`` all stay plain Python.

Numba's own disk cache looks only at the file of the loop, not at the rules inlined into it, so the folder name here
carries the hash of every rule's source: an edited rule never meets code compiled from an older one.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

PACKAGE = Path(__file__).resolve().parents[1]
Function = TypeVar("Function", bound=Callable[..., object])


def _source_hash() -> str:
    digest = hashlib.blake2b(digest_size=6)
    ground = [PACKAGE / name for name in ("state/columns.py", "state/draws.py", "parameters/groups.py")]
    for path in [*sorted(PACKAGE.glob("rules/*.py")), *ground]:
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


def _cache_folder() -> Path:
    name = f"compiled-{_source_hash()}"
    beside = PACKAGE / "__pycache__"
    try:
        beside.mkdir(exist_ok=True)
        with tempfile.TemporaryFile(dir=beside):
            return beside / name
    except OSError:  # an installed copy the user may not write to
        return Path(tempfile.gettempdir()) / f"countysim-{os.getuid() if hasattr(os, 'getuid') else 0}" / name


os.environ.setdefault("NUMBA_CACHE_DIR", str(_cache_folder()))

import numba  # noqa: E402  (the cache folder must be known before numba is imported)

if not numba.config.CACHE_DIR:
    numba.config.CACHE_DIR = os.environ["NUMBA_CACHE_DIR"]

PLAIN = bool(numba.config.DISABLE_JIT)
"""True when the rules run as plain Python."""


def rule(body: Function) -> Function:
    """Mark a scalar rule: pure, in the field's words, inlined where it is called.

    A rule that phases call by itself is kept on disk too, or every process would compile it again.
    """
    return numba.njit(inline="always", cache=True, error_model="numpy")(body)  # type: ignore[no-any-return]


def function(body: Function) -> Function:
    """Mark a scalar function too long to be copied into every rule that calls it (``sim.rules.elementary``)."""
    return loop(body)


def loop(body: Function) -> Function:
    """Mark a loop over columns: compiled once and kept on disk, without any reordering of floating-point sums.

    Only Python calls loops, so the wrapper for calls from C is left out: it takes a tenth of the time to compile.
    """
    options = {"cache": True, "error_model": "numpy", "no_cfunc_wrapper": True}
    return numba.njit(**options)(body)  # type: ignore[no-any-return]
