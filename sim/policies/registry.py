"""The policy types there are: those of the library, and those of the workspace one works in.

A policy type is a folder with a module ``terms`` whose class carries ``@policy_type``, and a module ``action``. A
project has its own in ``policies/`` beside ``scenarios/``; they are read like those of the library, as
``sim.policies.<type>``.
"""

from __future__ import annotations

import hashlib
import importlib
import sys
import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from sim import observables, parameters, workspace
from sim.errors import UserError
from sim.policies.terms import Terms

if TYPE_CHECKING:
    from types import ModuleType

    from sim.policies.acting import Institution

LIBRARY = Path(__file__).parent
TermsClass = TypeVar("TermsClass", bound=type[Terms])


class PolicyFolderError(UserError):
    """What is wrong with the folder of a policy type: ``file`` (or folder), ``line`` (or 0), and ``what`` it is."""

    def __init__(self, where: Path, line: int, what: str) -> None:
        root = workspace.root()
        shown = where.relative_to(root) if root is not None and where.is_relative_to(root) else where
        self.file, self.line, self.what = shown.as_posix(), line, what
        super().__init__(f"{self.file}:{line}: {what}" if line else f"{self.file}: {what}")


@dataclass(frozen=True)
class PolicyType:
    """One registered policy type; ``folder`` holds its source."""

    name: str
    name_zh: str
    terms: type[Terms]
    folder: Path

    @property
    def is_read(self) -> bool:
        """Whether it was read from its folder, and not registered by a program for itself."""
        return self.terms.__module__.startswith("sim.policies.")

    @property
    def of_workspace(self) -> bool:
        """Whether the workspace brings it, and not the library."""
        return self.folder.parent != LIBRARY

    @property
    def source_hash(self) -> str:
        """Hash of what its folder holds that no other identity covers: its parameters, and code of a workspace."""
        endings = ("*.toml", "*.py") if self.of_workspace else ("*.toml",)
        files = sorted(path for ending in endings for path in self.folder.rglob(ending))
        whole = hashlib.blake2b(digest_size=8)
        for path in files:
            content = path.read_bytes().replace(b"\r\n", b"\n")
            whole.update(f"{path.relative_to(self.folder).as_posix()}\n{len(content)}\n".encode() + content)
        return whole.hexdigest() if files else ""


POLICY_TYPES: dict[str, PolicyType] = {}
"""Registered policy types by name; call ``policy_types()`` to be sure that every folder has been read."""


def policy_type(name: str, *, name_zh: str) -> Callable[[TermsClass], TermsClass]:
    """Register the terms class of a policy type under the name used as ``type`` in scenario files."""

    def register(terms: TermsClass) -> TermsClass:
        known = POLICY_TYPES.get(name)
        if known is not None and known.terms.__qualname__ != terms.__qualname__:
            raise ValueError(
                f"policy type {name!r} is registered twice: {known.terms.__qualname__} and {terms.__qualname__}"
            )
        folder = Path(str(sys.modules[terms.__module__].__file__)).parent
        terms.type_name = name
        terms.name_zh = name_zh
        observables.register(name, terms.observables)
        if terms.own_parameters is not None:
            parameters.register(name, terms.own_parameters, folder / "parameters.toml")
            terms.parameters = (*terms.parameters, name)
        POLICY_TYPES[name] = PolicyType(name, name_zh, terms, folder)
        return terms

    return register


def policy_types() -> Mapping[str, PolicyType]:
    """Import the terms of every policy type once and return the registered policy types by name.

    Raises
    ------
    PolicyFolderError
        If a folder of the workspace is no policy type, or cannot be imported.
    """
    _read_library()
    searched = [LIBRARY, *workspace.folders("policies")]
    _forget_all_but(searched)
    for folder in searched[1:]:
        _read_all(folder)
    return dict(sorted(POLICY_TYPES.items()))


def unread_groups(types: Iterable[str]) -> set[str]:
    """Return the groups of parameters that only policy types not among ``types`` read: they move nothing."""
    known = policy_types()
    read = {group for name in types for group in known[name].terms.parameters}
    return {group for kind in known.values() for group in kind.terms.parameters} - read


def behaviour_of(name: str) -> type[Institution[Any]]:
    """Return the institution that the ``action`` module of policy type ``name`` defines.

    Raises
    ------
    PolicyFolderError
        If the module of a type of a workspace cannot be imported or defines none.
    """
    # When a model is made: what institutions do needs Numba, which reading a scenario does not.
    from sim.policies.acting import Institution

    folder = policy_types()[name].folder
    module = module_of(folder, "action")
    own = (value for value in vars(module).values() if getattr(value, "__module__", "") == module.__name__)
    for value in own:
        if isinstance(value, type) and issubclass(value, Institution):
            return value
    raise PolicyFolderError(folder / "action.py", 0, "no class in it is a sim.policies.acting.Institution")


def module_of(folder: Path, name: str) -> ModuleType:
    """Import a module of the policy type in a folder: ``terms`` or ``action``.

    Raises
    ------
    PolicyFolderError
        If a type of a workspace has no such module, or it cannot be imported.
    """
    try:
        return importlib.import_module(f"sim.policies.{folder.name}.{name}")
    except Exception as error:
        if folder.parent == LIBRARY:
            raise
        raise _explained(folder / f"{name}.py", error) from error


@cache
def _read_library() -> None:
    _read_all(LIBRARY)


def _read_all(folder: Path) -> None:
    for path in sorted({path.parent for path in folder.glob("*/*.py")}):
        _read(path)


def _read(folder: Path) -> None:
    """Import the terms of the policy type in a folder."""
    known = POLICY_TYPES.get(folder.name)
    if known is not None and known.folder == folder:
        return
    if not folder.name.isidentifier():
        raise PolicyFolderError(folder, 0, "a policy type is called by letters, digits and underscores")
    if known is not None or (folder.parent != LIBRARY and (LIBRARY / f"{folder.name}.py").exists()):
        raise PolicyFolderError(folder, 0, f'the name "{folder.name}" is taken; give the type and its folder another')
    if folder.parent != LIBRARY:
        importlib.invalidate_caches()
        _parse(folder / "action.py")
    module_of(folder, "terms")
    if folder.name not in POLICY_TYPES:
        raise PolicyFolderError(folder / "terms.py", 0, f'no class in it is marked @policy_type("{folder.name}", ...)')


def _parse(path: Path) -> None:
    """Refuse a file that is missing or no Python, without importing what it needs."""
    try:
        compile(path.read_bytes(), path, "exec")
    except (OSError, SyntaxError, ValueError) as error:
        raise _explained(path, error) from error


def _explained(path: Path, error: Exception) -> PolicyFolderError:
    """Return what importing a file of a policy type failed with, and where."""
    if not path.is_file():
        return PolicyFolderError(path.parent, 0, f"{path.name} is missing; a policy type has terms.py and action.py")
    if isinstance(error, SyntaxError) and error.filename:
        return PolicyFolderError(Path(error.filename), error.lineno or 0, f"{type(error).__name__}: {error.msg}")
    frames = traceback.extract_tb(error.__traceback__)
    own = [(Path(frame.filename), frame.lineno or 0) for frame in frames if path.parent in Path(frame.filename).parents]
    where, line = own[-1] if own else (path, 0)
    first_line = str(error).partition("\n")[0]
    return PolicyFolderError(where, line, f"{type(error).__name__}: {first_line}")


def _forget_all_but(folders: Sequence[Path]) -> None:
    """Forget the policy types of projects one has left."""
    left = [kind.name for kind in POLICY_TYPES.values() if kind.is_read and kind.folder.parent not in folders]
    for name in left:
        del POLICY_TYPES[name]
        observables.register(name, ())
        parameters.forget(name)
    for module in [module for module in sys.modules if left and module.startswith("sim.policies.")]:
        name = module.split(".")[2]
        if not (LIBRARY / name).exists() and not (LIBRARY / f"{name}.py").exists():
            del sys.modules[module]
