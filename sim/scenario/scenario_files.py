"""Scenario files, places and worlds on disk: which there are, where each is found by its id, and new ones."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from sim import workspace
from sim.inputs.files import ID
from sim.inputs.problems import InputErrors, Problem, Spot, refused, shown_path, words
from sim.inputs.tables import listed, near
from sim.units import shown

SET = re.compile(rb"^kind\s*=\s*[\"']set[\"']", re.MULTILINE)


def known_files() -> dict[str, Path]:
    """Return scenario files by id, project before library, in alphabetical order."""
    return _inputs("")


def known_inputs(kind: str) -> tuple[str, ...]:
    """Return the ids of the files in ``places`` or ``worlds``, project and library together; sets are left out."""
    return tuple(identifier for identifier, path in _inputs(kind).items() if not _is_set(path))


def known_sets() -> tuple[str, ...]:
    """Return the ids of the sets of places, which stand among the places."""
    return tuple(identifier for identifier, path in _inputs("places").items() if _is_set(path))


def _inputs(kind: str) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for folder in workspace.folders("scenarios"):
        for path in sorted((folder / kind).glob("*.toml")):
            if ID.fullmatch(path.stem):
                found.setdefault(path.stem, path)
    return dict(sorted(found.items()))


def _is_set(path: Path) -> bool:
    """Return whether a file says ``kind = "set"``; one that cannot be read does not."""
    try:
        return SET.search(path.read_bytes()) is not None
    except OSError:
        return False


def write_new(texts: Mapping[Path, str]) -> None:
    """Write new files, all of them or none; raise ``InputErrors`` when one of them is there or cannot be written."""
    there = [path for path in texts if path.exists()]
    if there:
        raise InputErrors(Problem("already_there", Spot(shown_path(path))) for path in there)
    done: list[Path] = []
    try:
        for path, content in texts.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("x", encoding="utf-8", newline="\n") as file:
                done.append(path)
                file.write(content)
    except OSError as error:
        remove(done)
        raise refused("not_written", Spot(shown_path(path)), detail=error.strerror or error) from None


def remove(paths: Iterable[Path]) -> None:
    """Remove files that were written."""
    for path in paths:
        path.unlink(missing_ok=True)


def find_file(kind: str, identifier: str, folders: Sequence[Path] | None = None, *, key: str = "") -> Path:
    """Return ``<folder>/<kind>/<identifier>.toml`` from the first folder that has it.

    Parameters
    ----------
    folders
        Scenario folders in the order in which they are searched; None for the workspace's and the library's.
    key
        What named it, where that was no key of the kind's own.

    Raises
    ------
    InputErrors
        When the id could not be a file name, or no folder has it; the nearest id is named.
    """
    roots = workspace.folders("scenarios") if folders is None else folders
    one = kind.removesuffix("s")
    known = sorted({path.stem for root in roots for path in (root / kind).glob("*.toml")})
    if ID.fullmatch(identifier):
        for root in roots:
            path = root / kind / f"{identifier}.toml"
            if path.is_file():
                return path
    values = {"key": key or one, "value": shown(identifier), "what": words(one), "near": near(identifier, known)}
    raise refused("unknown_thing", **values, known=", ".join(known) or "none")


def locate(reference: str) -> tuple[Path, str | None]:
    """Return the file a reference names, and its variant.

    Raises
    ------
    InputErrors
        E07 when there is no such scenario, E18 when the reference could not be an id, E22 when a path leads nowhere.
    """
    head, variant = reference, None
    if not reference.endswith(".toml") and ":" in reference:
        head, _, variant = reference.rpartition(":")
    if head.endswith(".toml"):
        path = Path(head)
        if not _exists(path):
            raise refused("no_file", Spot(head))
        return path, variant
    known = known_files()
    if head in known:
        return known[head], variant
    if not ID.fullmatch(head) and not near(head, known):
        raise refused("bad_id", key="scenario", value=f'"{head}"')
    raise refused("no_scenario", key="", value=f'"{head}"', near=near(head, known), known=listed(known))


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        return False
