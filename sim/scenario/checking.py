"""Turning what pydantic finds wrong in a file into messages with file, line and the way out."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError

from sim.errors import UserError
from sim.units import UnitError, shown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from sim.evidence.reading import Problems

ModelT = TypeVar("ModelT", bound=BaseModel)

IDENTIFIER = re.compile(r"[a-z0-9][a-z0-9-]*")


def find_file(kind: str, identifier: str, roots: Sequence[Path]) -> Path:
    """Return ``<root>/<kind>/<identifier>.toml`` from the first root that has it.

    Raises
    ------
    UserError
        When the id could not be a file name, or no root has it; the nearest id is named.
    """
    one = kind.removesuffix("s")
    known = sorted({path.stem for root in roots for path in (root / kind).glob("*.toml")})
    if IDENTIFIER.fullmatch(identifier):
        for root in roots:
            path = root / kind / f"{identifier}.toml"
            if path.is_file():
                return path
    close = get_close_matches(identifier, known, n=1)
    hint = f'did you mean "{close[0]}"?   ' if close else ""
    raise UserError(f"{one} = {shown(identifier)}: no such {one}\n    {hint}known: {', '.join(known) or 'none'}")


def line_at(lines: Mapping[tuple[str | int, ...], int], *path: str | int) -> int:
    """Return the line of a key or table, or of the nearest thing around it that has one."""
    for length in range(len(path), 0, -1):
        if path[:length] in lines:
            return lines[path[:length]]
    return 1


def check(
    model: type[ModelT],
    data: Any,
    problems: Problems,
    path: Path,
    lines: Mapping[tuple[str | int, ...], int],
    at: tuple[str | int, ...] = (),
) -> ModelT | None:
    """Return ``data`` as a model, or note every problem with its line and return None.

    Parameters
    ----------
    lines
        Line of every key of the file, as ``sim.scenario.positions`` finds them.
    at
        Where in the file the data stands: ``("start",)``, ``("wage", 2)``.
    """
    try:
        return model.model_validate(data)
    except ValidationError as error:
        for item in error.errors(include_url=False):
            _note(model, item, problems, path, line_at(lines, *at, *item["loc"]), str(at[0]) if at else "")
        return None


def _note(model: type[BaseModel], item: Any, problems: Problems, path: Path, line: int, table: str) -> None:
    where = [str(part) for part in item["loc"] if str(part) not in ("Gap", "str")]
    name = ".".join(where)
    inside = f" in [{table}]" if table else ""
    cause = (item.get("ctx") or {}).get("error")
    if item["type"] == "extra_forbidden":
        keys = sorted(field.alias or key for key, field in model.model_fields.items())
        close = get_close_matches(name, keys, n=1)
        hint = f'did you mean "{close[0]}"?   ' if close else ""
        problems.add(path, line, f'E01  unknown key "{name}"{inside}', f"{hint}keys: {', '.join(keys)}")
    elif item["type"] == "missing":
        problems.add(path, line, f'"{name}" is missing{inside}')
    elif isinstance(cause, UnitError):
        problems.add(path, line, f"{name} = {cause.problem}", cause.advice)
    elif isinstance(cause, ValueError):
        problems.add(path, line, f"{name}: {cause}" if name else str(cause))
    else:
        message = item["msg"][:1].lower() + item["msg"][1:]
        problems.add(path, line, f"{name} = {shown(item['input'])}: {message}")
