"""How rules are compiled, and where the compiled code is kept.

``rule`` marks a small scalar function that is inlined into the loops that call it; ``function`` marks one that is
called; ``loop`` marks a loop over columns. With ``NUMBA_DISABLE_JIT=1`` all stay plain Python.

Numba's own disk cache looks only at the file of the loop, not at the rules inlined into it, so the folder name here
carries the hash of every rule's source: an edited rule never meets code compiled from an older one.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn, TypeVar

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

# Where they are installed, Numba takes in two packages that it would only use for settings nobody makes here: a fifth
# of the time that importing it takes.
_UNUSED = {name: None for name in ("coverage", "yaml") if name not in sys.modules}
sys.modules.update(_UNUSED)  # type: ignore[arg-type]

import numba  # noqa: E402  (the cache folder must be known before numba is imported)
from numba.core.caching import CompileResultCacheImpl, FunctionCache  # noqa: E402
from numba.core.codegen import ll as llvm  # noqa: E402
from numba.core.runtime import rtsys  # noqa: E402

for _name in _UNUSED:
    del sys.modules[_name]

if not numba.config.CACHE_DIR:
    numba.config.CACHE_DIR = os.environ["NUMBA_CACHE_DIR"]

PLAIN = bool(numba.config.DISABLE_JIT)
"""True when the rules run as plain Python."""


class CompiledCode(FunctionCache):  # type: ignore[misc]
    """Numba's disk cache, which takes compiled code up without readying the compiler first.

    Numba's own imports all that could be compiled (SciPy's linear algebra among it) before it loads what is compiled
    already: a third of a second in every process. A rule that is not on disk still readies the compiler, as ever.
    """

    def load_overload(self, signature: Any, target: Any) -> Any:
        """Return the compiled rule of a signature from disk, or None."""
        rtsys.initialize(target)
        with self._guard_against_spurious_io_errors():
            return self._load_overload(signature, target)


class LoopAlone(CompileResultCacheImpl):  # type: ignore[misc]
    """What is kept of a loop: its machine code and its names, without the form in which other code would call it.

    That form is half of a file, and most of the time it takes to load one.
    """

    def reduce(self, result: Any) -> Any:
        """Return what is written of a compiled loop."""
        (name, kind, (machine_code, form)), *rest = super().reduce(result)
        defined = [item.name for item in llvm.parse_bitcode(form).functions if not item.is_declaration]
        names = "".join(f'define void @"{item}"() {{ ret void }}\n' for item in defined)
        return (name, kind, (machine_code, llvm.parse_assembly(names).as_bitcode())), *rest

    def rebuild(self, target: Any, payload: Any) -> Any:
        """Return a compiled loop from what was written; it refuses to be called by other compiled code."""
        result = super().rebuild(target, payload)
        result.library._get_module_for_linking = _refuse_to_link
        return result


def _refuse_to_link() -> NoReturn:
    raise RuntimeError("compiled code calls a loop: mark what it calls as a function or a rule")


class CompiledLoop(CompiledCode):
    """The disk cache of loops."""

    _impl_class = LoopAlone


def _compiled(body: Function, kept: type[CompiledCode] = CompiledCode, **options: Any) -> Function:
    dispatcher = numba.njit(error_model="numpy", **options)(body)
    if not PLAIN:
        dispatcher._cache = kept(body)
    return dispatcher  # type: ignore[no-any-return]


def rule(body: Function) -> Function:
    """Mark a scalar rule: pure, in the field's words, inlined where it is called.

    A rule that phases call by itself is kept on disk too, or every process would compile it again.
    """
    return _compiled(body, inline="always")


def function(body: Function) -> Function:
    """Mark a scalar function too long to be read into every rule that calls it (``sim.rules.elementary``).

    It is copied into the machine code of what calls it, so that a plain loop over it works on several firms at once.
    """
    return _compiled(body, no_cfunc_wrapper=True, forceinline=True)


def loop(body: Function) -> Function:
    """Mark a loop over columns: compiled once and kept on disk, without any reordering of floating-point sums.

    Only Python calls loops, so the wrapper for calls from C is left out: it takes a tenth of the time to compile.
    """
    return _compiled(body, CompiledLoop, no_cfunc_wrapper=True)
