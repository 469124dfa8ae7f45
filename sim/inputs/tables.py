"""From what pydantic finds wrong with a table to messages with file, line and the nearest word."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from sim.errors import nearest
from sim.inputs.problems import LANGUAGES, Findings, Spot, messages, vocabulary, words
from sim.inputs.quantities import EXAMPLES, dotted, mapped, own_keys, quantity_of, table_at, words_of_weights
from sim.units import UnitError, shown

SpotOf = Callable[[Sequence[str | int]], Spot]
ModelT = TypeVar("ModelT", bound=BaseModel)

NO_KEYS = ("[key]", "str", "Gap")
"""Steps of a path in pydantic's words that no file has: the key of a mapping, and kinds one of which a value may be."""
_TABLE = "{ key = value }"
WANTED = {"bool": "true", "string": '"text"', "tuple": "[ ... ]", **dict.fromkeys(("model", "dict", "mapping"), _TABLE)}
"""How values are written, by how the kinds of pydantic's errors begin that ask for one; else a number is wanted."""


@dataclass(frozen=True)
class Named:
    """How a table is called in messages (``policy "fair" (type fair)``), and where its keys stand.

    Attributes
    ----------
    header
        The header as written, ``[[policy]]``; empty for the file itself.
    parent_keys
        Keys of the table around sub-tables, to recognise a key that slipped below a sub-table's header.
    extra_keys
        Further keys the table may hold, which are checked elsewhere.
    common_keys
        Keys every such table has: a misspelt one is recognised, but they are not listed.
    file_keys
        Keys of the file itself, to recognise one that slipped below a header.
    """

    en: str
    zh: str
    header: str
    spot_of: SpotOf
    parent_keys: tuple[str, ...] = ()
    extra_keys: tuple[str, ...] = ()
    common_keys: tuple[str, ...] = ()
    file_keys: tuple[str, ...] = ()

    def name(self, inner: Sequence[str | int]) -> dict[str, str]:
        """Return the name of the table itself or of one inside it."""
        path = ".".join(str(part) for part in inner if isinstance(part, str))
        return {"en": f"{path} of {self.en}", "zh": f"{self.zh}的 {path} "} if path else {"en": self.en, "zh": self.zh}


def near(word: str, known: Any, lang_pair: tuple[str, str] = ('did you mean "{}"?   ', "是否想写“{}”？   ")) -> Any:
    """Return "did you mean" in both languages, or nothing when no known word is near."""
    close = nearest(str(word), map(str, known), "{}")
    return {"en": lang_pair[0].format(close), "zh": lang_pair[1].format(close)} if close else ""


def listed(known: Any) -> str:
    """Return known words separated by commas."""
    return ", ".join(str(item) for item in known) or "-"


def check(
    model: type[ModelT], data: Any, named: Named, findings: Findings, *, skip_missing: bool = False
) -> ModelT | None:
    """Return the data as a table, or note every problem and return None."""
    try:
        return model.model_validate(mapped(data, lambda leaf, _: leaf))
    except ValidationError as error:
        items = error.errors(include_url=False)
        for item in items:
            if item["type"] != "missing":
                _note(model, dict(item), named, findings)
        if not skip_missing:
            _missing(model, items, named, findings)
    except RecursionError:
        findings.add("syntax", named.spot_of(()), detail="nested too deeply", hint="")
    return None


def _missing(model: type[BaseModel], items: Sequence[Any], named: Named, findings: Findings) -> None:
    """Note the missing keys of each table together, without those that stand there misspelt."""
    missing: dict[tuple[str | int, ...], list[str]] = {}
    for item in items:
        if item["type"] == "missing":
            missing.setdefault(item["loc"][:-1], []).append(str(item["loc"][-1]))
    for item in items:
        keys = missing.get(item["loc"][:-1], [])
        if item["type"] == "extra_forbidden":
            for meant in get_close_matches(str(item["loc"][-1]), keys, n=1):
                keys.remove(meant)
    for inner, keys in missing.items():
        if not keys:
            continue
        hints = [_hint(table_at(model, inner), key) for key in keys]
        hint = {lang: "\n".join(text[lang] for text in hints) for lang in LANGUAGES}
        quoted = listed(f'"{key}"' for key in keys)
        findings.add("missing_key", named.spot_of(inner), table=named.name(inner), keys=quoted, hint=hint)


def _hint(table: type[BaseModel] | None, key: str) -> dict[str, str]:
    """Return what a missing key means, with an example when its kind is known."""
    fields = {} if table is None else {item.alias or name: (name, item) for name, item in table.model_fields.items()}
    name, item = fields.get(key, ("", None))
    if table is None or item is None:
        return {"en": key, "zh": key}
    quantity = quantity_of(table, name)
    as_in = f"{key} = {EXAMPLES[quantity.kind]}" if quantity else key if item.description else f"{key} = ..."
    extra = item.json_schema_extra if isinstance(item.json_schema_extra, dict) else {}
    meant = {"en": item.description or "", "zh": extra.get("label_zh", item.description or "")}
    return {lang: f"{as_in}   {text}" if text else as_in for lang, text in meant.items()}


def _note(model: type[BaseModel], item: dict[str, Any], named: Named, findings: Findings) -> None:
    """Note what pydantic found; the type of an error that a check of ours raises is the name of its message."""
    loc = tuple(part for part in item["loc"] if part not in NO_KEYS)
    kind, context = item["type"], dict(item.get("ctx") or {})
    last, key = str(loc[-1]) if loc else "", dotted(loc)
    value = shown(context.pop("value", item.get("input")))
    cause = context.get("error")
    if kind == "extra_forbidden" or item["loc"][-1:] == ("[key]",):
        _unknown_key(model, loc, named, findings)
    elif kind in messages():
        inside = context.pop("at", context.get("key"))  # where a check of a whole table found it
        table = named.name(loc if inside else loc[:-1])
        sample = EXAMPLES.get(context.get("kind", "count"), "...")
        example = sample if kind in ("no_unit", "no_unit_other", "bad_unit") else f"{last} = {sample}" if last else ""
        values = {"key": key, "value": value, "table": table, "example": example, **context}
        findings.add(kind, named.spot_of((*loc, inside) if inside else loc), **values)
    elif kind == "literal_error":
        found = re.findall(r"'([^']*)'|(?<![\w'])(\d+)", str(context.get("expected", "")))
        allowed = [first or second for first, second in found]
        if key == "schema":
            findings.add("no_schema", named.spot_of(loc), value=value)
        else:
            values = {"key": key, "value": value, "near": near(item["input"], allowed), "allowed": listed(allowed)}
            findings.add("wrong_word", named.spot_of(loc), **values)
    elif isinstance(cause, UnitError):
        values = {"label": f"{key} = ", "detail": cause.problem, "advice": cause.advice}
        findings.add("bad_value", named.spot_of(loc), **values)
    elif isinstance(cause, ValueError):
        findings.say(named.spot_of(loc), f"{key}: {cause}" if key else str(cause))
    elif kind in vocabulary():
        findings.add("bad_form", named.spot_of(loc), key=key, value=value, form=words(kind, **context))
    else:
        like = next((start for start in WANTED if kind.startswith(start)), "number")
        wanted, example = words(like), f"{last} = {WANTED.get(like, 1)}"
        findings.add("wrong_type", named.spot_of(loc), key=key or named.en, value=value, wanted=wanted, example=example)


def _unknown_key(model: type[BaseModel], loc: tuple[str | int, ...], named: Named, findings: Findings) -> None:
    """Note an unknown key, or one that slipped below a header it does not belong to."""
    key, inner, spot = str(loc[-1]), loc[:-1], named.spot_of(loc)
    table = table_at(model, inner)
    keys = words_of_weights(table_at(model, inner[:-1])) if table is None else own_keys(table)
    keys = (*keys, *(named.extra_keys if not inner else ()))
    names = [part for part in (named.header.strip("[]"), *inner) if isinstance(part, str) and part]
    header = f"[{'.'.join(names)}]" if inner else named.header
    if inner and key in named.parent_keys:
        findings.add("misplaced_policy_key", spot, key=key, header=header)
    elif header and key in named.file_keys and not near(key, keys):
        findings.add("misplaced_key", spot, key=key, header=header, owner=named.name(inner))
    else:
        every = (*keys, *(named.common_keys if not inner else ()))
        values = {"key": key, "table": named.name(inner), "near": near(key, every), "keys": listed(keys)}
        findings.add("unknown_key", spot, **values)
