"""Tables of the terms of each policy type, made from the classes that read them, for the terminal and for the docs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin

from sim.inputs.quantities import CERTAIN, EXAMPLES, field_type, shape
from sim.policies.registry import PolicyType, policy_types

if TYPE_CHECKING:
    from pydantic import BaseModel


@dataclass(frozen=True)
class Entry:
    """One key of a policy type: dotted name, how it is written, whether it may be left out, and what it means."""

    key: str
    written: str
    optional: bool
    label_zh: str
    description: str


def entries(table: type[BaseModel], prefix: str = "") -> list[Entry]:
    """Return every key of a table and of the tables inside it, in the order of the class."""
    found = []
    for name, item in table.model_fields.items():
        extra: Any = item.json_schema_extra or {}
        written, inner = _written(table, name)
        key = prefix + (item.alias or name)
        found.append(Entry(key, written, not item.is_required(), extra.get("label_zh", ""), item.description or ""))
        if inner is not None:
            found += entries(inner, f"{key}.")
    return found


def _written(table: type[BaseModel], name: str) -> tuple[str, type[BaseModel] | None]:
    """Return how a value is written, and the table class when it is one or a list of them."""
    held = shape(table, name)
    if held.table is not None:
        return "list of tables" if held.many else "table", held.table
    words = " | ".join(map(str, get_args(held.kind))) if get_origin(held.kind) is Literal else ""
    if held.many:
        item = EXAMPLES[held.quantity.kind] if held.quantity is not None else words or '"text"'
        return f"list of {item}", None
    if get_origin(held.kind) is dict:
        keys = get_args(field_type(get_args(held.kind)[0]))
        return f"{{ {', '.join(f'{word} = …' for word in keys)} }}", None
    if held.quantity is not None:
        return EXAMPLES[held.quantity.kind] + ("" if held.quantity.kind in CERTAIN else " *"), None
    return words or {bool: "true | false", str: '"text"'}.get(held.kind, "value"), None


def markdown(kinds: Sequence[PolicyType] | None = None) -> str:
    """Return a section with a table for each policy type, as it stands in ``docs/scenario-files.md``."""
    lines: list[str] = []
    for kind in kinds or list(policy_types().values()):
        lines += [
            f"### `{kind.name}` {kind.name_zh}",
            "",
            "| key | 中文 | written as | what it means |",
            "|---|---|---|---|",
        ]
        for entry in entries(kind.terms):
            written = entry.written.replace("|", "\\|")
            lines.append(f"| `{entry.key}` | {entry.label_zh} | {written} | {entry.description} |")
        lines.append("")
    return "\n".join(lines)
