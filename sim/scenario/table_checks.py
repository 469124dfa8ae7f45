"""From what pydantic finds wrong with a table to messages with file, line and the nearest word."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Annotated, Any, Literal, TypeVar, get_args, get_origin

from pydantic import ValidationError

from sim.inputs.files import listed, near
from sim.inputs.problems import Findings, Spot
from sim.policies.terms import EXAMPLES, Known, Quantity, Table, frozen_lists
from sim.scenario.fields import ALL_KEYS
from sim.units import UnitError, parse_count, parse_money, parse_money_rate, parse_share, shown

SpotOf = Callable[[Sequence[str | int]], Spot]
TableClass = TypeVar("TableClass", bound=Table)

MONEY = frozenset({"yuan", "yuan/year"})
_CUSTOM = (
    "no_unit", "bad_unit", "not_share", "not_month", "not_month_number", "not_number", "not_whole", "below_minimum",
    "low_above_high", "bad_range", "not_uncertain", "bad_id", "payer_level", "payer_sum", "phases_sum", "weights_sum",
    "weights_missing", "weights_unused", "plots_uncertain", "one_of", "not_together",
)  # fmt: skip


@dataclass(frozen=True)
class Named:
    """How a table is called in messages (``policy "fair" (type fair)``), and where its keys stand.

    Attributes
    ----------
    header
        The header as written, ``[[policy]]``; empty for the scenario itself.
    parent_keys
        Keys of the table around sub-tables, to recognise a key that slipped below a sub-table's header.
    extra_keys
        Further keys the table may hold, which are checked elsewhere.
    common_keys
        Keys every such table has: a misspelt one is recognised, but they are not listed.
    """

    en: str
    zh: str
    header: str
    spot_of: SpotOf
    parent_keys: tuple[str, ...] = ()
    extra_keys: tuple[str, ...] = ()
    common_keys: tuple[str, ...] = ()

    def name(self, inner: Sequence[str | int]) -> dict[str, str]:
        """Return the name of the table itself or of one inside it."""
        words = ".".join(str(part) for part in inner if isinstance(part, str))
        if not words:
            return {"en": self.en, "zh": self.zh}
        return {"en": f"{words} of {self.en}", "zh": f"{self.zh}的 {words} "}


def check(
    model: type[TableClass], data: Mapping[str, Any], named: Named, findings: Findings, *, skip_missing: bool = False
) -> TableClass | None:
    """Return the data as a table, or note every problem and return None."""
    try:
        return model.model_validate(frozen_lists(data))
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


def _missing(model: type[Table], items: Sequence[Any], named: Named, findings: Findings) -> None:
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
        hints = [_hint(model, (*inner, key)) for key in keys]
        hint = {lang: "\n".join(text[lang] for text in hints) for lang in ("en", "zh")}
        words = listed(f'"{key}"' for key in keys)
        findings.add("missing_key", named.spot_of(inner), table=named.name(inner), keys=words, hint=hint)


def _note(model: type[Table], item: dict[str, Any], named: Named, findings: Findings) -> None:
    loc = tuple(part for part in item["loc"] if part not in ("[key]",))
    spot = named.spot_of(loc)
    kind = item["type"]
    last = str(loc[-1]) if loc else ""
    key = dotted(loc)
    context = item.get("ctx") or {}
    value = written(context.get("value", item.get("input")))
    if kind == "extra_forbidden" or item["loc"][-1:] == ("[key]",):
        _unknown_key(model, loc, named, findings, spot)
    elif kind in _CUSTOM:
        _custom(kind, model, loc, context, named, findings, key=key, value=value)
    elif kind == "literal_error":
        words = re.findall(r"'([^']*)'|(?<![\w'])(\d+)", str(context.get("expected", "")))
        allowed = [first or second for first, second in words]
        if key == "schema":
            findings.add("no_schema", spot, value=value)
        else:
            values = {"key": key, "value": value, "near": near(item["input"], allowed), "allowed": listed(allowed)}
            findings.add("wrong_word", spot, **values)
    else:
        wanted, example = _wanted(kind, last)
        findings.add("wrong_type", spot, key=key or named.en, value=value, wanted=wanted, example=example)


def _custom(
    kind: str,
    model: type[Table],
    loc: tuple[str | int, ...],
    context: dict[str, Any],
    named: Named,
    findings: Findings,
    *,
    key: str,
    value: str,
) -> None:
    """Note a problem that a quantity or a rule of a policy type has named itself."""
    spot = named.spot_of(loc)
    unit = context.get("kind", "count")
    example = f"{str(loc[-1]) if loc else 'value'} = {EXAMPLES.get(unit, '...')}" if loc else ""
    if kind == "no_unit":
        findings.add(
            "no_unit" if unit in MONEY else "no_unit_other", spot, key=key, value=value, example=EXAMPLES[unit]
        )
    elif kind == "bad_unit":
        detail, advice = context.get("detail", value), context.get("advice", EXAMPLES[unit])
        findings.add(kind, spot, key=key, value=value, detail=detail, advice=advice, example=EXAMPLES[unit])
    elif kind == "weights_sum":
        total, parts = f"{context['total']:.2f}", context["parts"]
        if total == "1.00":
            total = f"{context['total']:.6g}"
        findings.add(kind, spot, table=named.name(loc[:-1]), total=total, parts=parts)
    elif kind in ("weights_missing", "weights_unused"):
        words = weight_words(model, loc)
        weights = zip(words, (0.6, 0.4) if len(words) > 1 else (1,), strict=False)
        sample = f"{{ {', '.join(f'{word} = {weight}' for word, weight in weights)} }}" if words else ""
        rule_spot = named.spot_of((*loc, "rule" if kind == "weights_missing" else "weights"))
        findings.add(kind, rule_spot, table=named.name(loc), rule=context["rule"], example=sample)
    elif kind == "plots_uncertain":
        findings.add("not_uncertain", named.spot_of((*loc, "plots")), key="plots", value=value, example="plots = 380")
    elif kind == "phases_sum":
        findings.add(kind, named.spot_of((*loc, "phases")), **context)
    elif kind in ("one_of", "not_together"):
        findings.add(kind, named.spot_of((*loc, context["key"])), table=named.name(loc), **context)
    elif kind == "payer_level":
        level = context.get("level")
        findings.add(kind, spot, value=written(level), near=near(str(level), ("county", "province")))
    elif kind == "payer_sum":
        findings.add(kind, spot, total=f"{float(context['total']):.4g}", parts=context["parts"])
    elif kind == "below_minimum":
        findings.add(kind, spot, key=key, value=value, minimum=f"{context.get('minimum', 0):g}")
    else:
        findings.add(kind, spot, key=key, value=value, example=example)


def _unknown_key(model: type[Table], loc: tuple[str | int, ...], named: Named, findings: Findings, spot: Spot) -> None:
    """Note an unknown key, or one that slipped below a header it does not belong to."""
    key, inner = str(loc[-1]), loc[:-1]
    table = table_at(model, inner)
    keys = weight_words(model, inner[:-1]) if table is None else own_keys(table)
    keys = (*keys, *(named.extra_keys if not inner else ()))
    names = [part for part in (named.header.strip("[]"), *inner) if isinstance(part, str) and part]
    header = f"[{'.'.join(names)}]" if inner else named.header
    if inner and key in named.parent_keys:
        findings.add("misplaced_policy_key", spot, key=key, header=header)
    elif header and key in ALL_KEYS and key not in ("policy", "change") and not near(key, keys):
        findings.add("misplaced_key", spot, key=key, header=header, owner=named.name(inner))
    else:
        every = (*keys, *(named.common_keys if not inner else ()))
        values = {"key": key, "table": named.name(inner), "near": near(key, every), "keys": listed(keys)}
        findings.add("unknown_key", spot, **values)


def own_keys(table: type[Table]) -> tuple[str, ...]:
    """Return the keys of a table as written in a file."""
    return tuple(item.alias or name for name, item in table.model_fields.items())


def field_type(annotation: Any) -> Any:
    """Return an annotation without ``Annotated`` and without ``None``."""
    while True:
        if get_origin(annotation) is Annotated:
            annotation = get_args(annotation)[0]
            continue
        choices = [choice for choice in get_args(annotation) if choice is not type(None)]
        if type(None) in get_args(annotation) and len(choices) == 1:
            annotation = choices[0]
            continue
        return annotation


def table_at(model: type[Table], path: Sequence[str | int]) -> type[Table] | None:
    """Return the table class at a path of field names and list positions below a model, or None."""
    current: Any = model
    for part in path:
        if isinstance(part, int):
            arguments = get_args(current)
            current = field_type(arguments[0]) if arguments else None
        elif isinstance(current, type) and issubclass(current, Table) and part in current.model_fields:
            current = field_type(current.model_fields[part].annotation)
        else:
            return None
    return current if isinstance(current, type) and issubclass(current, Table) else None


def table_in(table: type[Table], name: str) -> type[Table] | None:
    """Return the class of the table in a field, or of each table in its list; None when it holds none."""
    kind = field_type(table.model_fields[name].annotation)
    kind = field_type(get_args(kind)[0]) if get_origin(kind) is tuple else kind
    return kind if isinstance(kind, type) and issubclass(kind, Table) else None


def quantity_of(table: type[Table], name: str) -> Quantity | None:
    """Return the quantity of a field, or None when it is not a number."""
    item = table.model_fields[name]
    for note in item.metadata:
        if isinstance(note, Quantity):
            return note
    for choice in get_args(item.annotation):
        if get_origin(choice) is Annotated:
            for note in get_args(choice)[1:]:
                if isinstance(note, Quantity):
                    return note
    return None


def weight_words(model: type[Table], path: Sequence[str | int]) -> tuple[str, ...]:
    """Return the criteria that the weights of a table may name."""
    table = table_at(model, path)
    if table is None or "weights" not in table.model_fields:
        return ()
    key_type = get_args(field_type(table.model_fields["weights"].annotation))[:1]
    return tuple(get_args(key_type[0])) if key_type and get_origin(key_type[0]) is Literal else ()


def dotted(loc: Sequence[str | int]) -> str:
    """Return a path as in ``phases[1].plots``."""
    text = ""
    for part in loc:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


def written(value: object) -> str:
    """Return a value as it would stand in the file, shortened."""
    if isinstance(value, Known):
        value = value.value
    if isinstance(value, Mapping):
        inside = ", ".join(f"{key} = {written(item)}" for key, item in list(value.items())[:4])
        return f"{{ {inside} }}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(written(item) for item in list(value)[:6])}]"
    return shown(value)


def plain_number(value: Any, unit: str, advice: str, share: Callable[[Any], float] = parse_share) -> float:
    """Return a value of a file in a plain unit; raise ``UnitError`` when its unit is not clear.

    Parameters
    ----------
    unit
        Plain unit of a starting value or an observable.
    advice
        What to write where a number without a unit is wanted.
    share
        Reads a share; a growth may be below 0 or above 1.
    """
    if unit == "share":
        return share(value)
    if unit == "yuan":
        return parse_money(value)
    if unit == "yuan/year":
        return parse_money_rate(value, "year")
    if unit in ("persons", "count", "orders"):
        return float(parse_count(value))
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise UnitError(f"{written(value)} is not a number", advice)
    return float(value)


def _hint(model: type[Table], loc: tuple[str | int, ...]) -> dict[str, str]:
    """Return what a missing key means, with an example when its kind is known."""
    table = table_at(model, loc[:-1])
    key = str(loc[-1])
    found = None if table is None else next((n for n, f in table.model_fields.items() if (f.alias or n) == key), None)
    if table is None or found is None:
        return {"en": key, "zh": key}
    item, quantity = table.model_fields[found], quantity_of(table, found)
    written_as = f"{key} = {EXAMPLES[quantity.kind]}" if quantity else key
    extra = item.json_schema_extra if isinstance(item.json_schema_extra, dict) else {}
    return {
        "en": f"{written_as}   {item.description}",
        "zh": f"{written_as}   {extra.get('label_zh', item.description)}",
    }


def _wanted(kind: str, key: str) -> tuple[dict[str, str], str]:
    """Return what a value should have been, and an example."""
    for starts, en, zh, example in (
        (("bool",), "true or false", " true 或 false", "true"),
        (("string",), "text", "文字", '"text"'),
        (("tuple",), "a list", "列表", "[ ... ]"),
        (("model", "dict", "mapping"), "a table", "表", "{ key = value }"),
    ):
        if kind.startswith(starts):
            return {"en": en, "zh": zh}, f"{key} = {example}"
    return {"en": "a number", "zh": "数"}, f"{key} = 1"
