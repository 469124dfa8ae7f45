"""Input files in TOML: found by id, read, and everything that is wrong with them told at once, with its line."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError

from sim.errors import UserError, nearest
from sim.evidence.positions import around, key_lines
from sim.evidence.reading import Problems, read_toml
from sim.units import UnitError, shown
from sim.workspace import folders as workspace_folders

if TYPE_CHECKING:
    from collections.abc import Container, Mapping, Sequence
    from pathlib import Path

    from sim.evidence.positions import Path as KeyPath

ModelT = TypeVar("ModelT", bound=BaseModel)

IDENTIFIER = re.compile(r"[a-z0-9][a-z0-9-]*")


def find_file(kind: str, identifier: str, folders: Sequence[Path] | None = None) -> Path:
    """Return ``<folder>/<kind>/<identifier>.toml`` from the first folder that has it.

    Parameters
    ----------
    folders
        Scenario folders in the order in which they are searched; None for the workspace's and the library's.

    Raises
    ------
    UserError
        When the id could not be a file name, or no folder has it; the nearest id is named.
    """
    roots = workspace_folders("scenarios") if folders is None else folders
    one = kind.removesuffix("s")
    known = sorted({path.stem for root in roots for path in (root / kind).glob("*.toml")})
    if IDENTIFIER.fullmatch(identifier):
        for root in roots:
            path = root / kind / f"{identifier}.toml"
            if path.is_file():
                return path
    hint = nearest(identifier, known)
    raise UserError(f"{one} = {shown(identifier)}: no such {one}\n    {hint}known: {', '.join(known) or 'none'}")


class InputFile:
    """One file: its data, the line of each key, and what is wrong with it.

    Parameters
    ----------
    problems
        Where problems are noted, when several files share them.

    Raises
    ------
    UserError
        When it cannot be read or is not TOML.
    """

    def __init__(self, path: Path, problems: Problems | None = None) -> None:
        self.path, self.problems = path, problems or Problems()
        self.data, self._text = read_toml(path)

    @cached_property
    def lines(self) -> Mapping[KeyPath, int]:
        """Line of every key, table and list item."""
        return key_lines(self._text)

    def add(self, at: KeyPath, problem: str, advice: str = "") -> None:
        """Note a problem with the line of a key or table, or of the nearest thing around it that has one."""
        self.problems.add(self.path, self.line(*at), problem, advice)

    def line(self, *at: str | int) -> int:
        """Return the line of a key or table, or of the nearest thing around it that has one."""
        return around(self.lines, at) or 1

    def without(self, keys: Container[str]) -> dict[str, Any]:
        """Return the data without some keys."""
        return {key: value for key, value in self.data.items() if key not in keys}

    def check(self, model: type[ModelT], data: Any, *at: str | int) -> ModelT | None:
        """Return ``data`` as a model, or note every problem with its line and return None.

        ``at`` is where in the file the data stands: ``"start"``, or ``"wage", 2``.
        """
        try:
            return model.model_validate(data)
        except ValidationError as error:
            for item in error.errors(include_url=False):
                self._note(model, item, at)
            return None

    def check_id(self, head: Any) -> None:
        """Note an id that is not the name of the file."""
        if head is not None and head.id != self.path.stem:
            self.add(("id",), f'id = "{head.id}" is not the name of the file')

    def _note(self, model: type[BaseModel], item: Any, at: KeyPath) -> None:
        name = ".".join(str(part) for part in item["loc"] if str(part) not in ("Gap", "str"))
        inside = f" in [{at[0]}]" if at else ""
        cause = (item.get("ctx") or {}).get("error")
        advice = ""
        if item["type"] == "extra_forbidden":
            keys = sorted(field.alias or key for key, field in model.model_fields.items())
            problem, advice = f'E01  unknown key "{name}"{inside}', f"{nearest(name, keys)}keys: {', '.join(keys)}"
        elif item["type"] == "missing":
            problem = f'"{name}" is missing{inside}'
        elif isinstance(cause, UnitError):
            problem, advice = f"{name} = {cause.problem}", cause.advice
        elif isinstance(cause, ValueError):
            problem = f"{name}: {cause}" if name else str(cause)
        else:
            problem = f"{name} = {shown(item['input'])}: {item['msg'][:1].lower()}{item['msg'][1:]}"
        self.add((*at, *item["loc"]), problem, advice)
