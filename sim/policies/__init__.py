"""Policy types: a folder each, and what several of them share.

A policy type is a folder with two modules: ``terms``, the fields a scenario may set, a class that carries
``@policy_type("name", name_zh="...")``; and ``action``, what the policy does, an institution. The scenario loader, its
messages, the JSON Schema and the documentation read the registry, so nothing else changes.

``terms`` must be light to import: reading and checking a scenario imports those of all types, and must not bring in
Mesa or Numba. ``action`` is imported when a model is made, which wraps the class in a Mesa agent.

A workspace may have types of its own in ``policies/`` beside ``scenarios/``. They are part of this package, so
that a process that is handed a scenario finds them wherever it stands.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sim import workspace


class _Folders(list[str]):
    """The folders in which parts of this package are looked for: its own, and that of the workspace one stands in."""

    def __iter__(self) -> Iterator[str]:
        """Look anew each time: a worker process may begin in one folder and work in another."""
        return iter([str(Path(__file__).parent), *(str(folder) for folder in workspace.folders("policies"))])


__path__ = _Folders()
