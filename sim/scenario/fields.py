"""Keys of a scenario file other than the terms of a policy, and their JSON Schema.

Everything that a child file may inherit is optional here; ``sim.scenario.loader`` asks for what is missing once the
files are merged.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from sim.inputs.files import ID
from sim.inputs.quantities import Known, Month, PositiveNumber, Quantity, Table, WholeNumber, term
from sim.inputs.tables import near

LEVELS = ("county", "province")
"""Levels of government that can pay."""


def _identifier(value: object) -> object:
    if isinstance(value, str) and not ID.fullmatch(value):
        raise PydanticCustomError("bad_id", "not an id", {})
    return value


def _one_or_more(value: object) -> object:
    return (value,) if isinstance(value, str) else value


def _not_a_level(level: object) -> PydanticCustomError:
    return PydanticCustomError("payer_level", "level", {"value": level, "near": near(str(level), LEVELS)})


def _payer(value: object) -> object:
    """Return shares by level from one level or a table of shares."""
    shares: dict[str, float] = {}
    given = {value: Known(1.0)} if isinstance(value, str) else value
    if not isinstance(given, Mapping) or not given:
        raise _not_a_level(value)
    for level, share in given.items():
        if level not in LEVELS:
            raise _not_a_level(level)
        number = Quantity("share").read(share)
        if not isinstance(number, float):
            raise PydanticCustomError("not_uncertain", "a payer's share cannot be uncertain", {"kind": "share"})
        shares[level] = number
    if abs(math.fsum(shares.values()) - 1.0) > 1e-6:
        parts = " + ".join(f"{level} {share:.4g}" for level, share in shares.items())
        raise PydanticCustomError("payer_sum", "shares", {"parts": parts, "total": f"{math.fsum(shares.values()):.4g}"})
    return shares


Identifier = Annotated[str, BeforeValidator(_identifier)]
Names = Annotated[tuple[str, ...], BeforeValidator(_one_or_more)]
_SHARE_SCHEMA = {"anyOf": [{"type": "number", "minimum": 0, "maximum": 1}, {"type": "string"}]}
Payer = Annotated[
    dict[str, float],
    BeforeValidator(_payer),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "enum": list(LEVELS)},
                {"type": "object", "properties": dict.fromkeys(LEVELS, _SHARE_SCHEMA), "additionalProperties": False},
            ]
        }
    ),
]
Kind = Literal["baseline", "what-if", "announced", "counterfactual"]


class FileHead(Table):
    """Keys every file states for itself."""

    version: Literal[1] = Field(alias="schema", description="Version of the file format")
    id: Identifier = term("标识", "Name of the file without .toml")
    name: str = term("名称", "What a reader sees")
    name_zh: str = term("中文名称", "Chinese name; left out: the same as name", default="")
    kind: Kind = term("类别", "Policies in force, a question, something announced, or a different past")
    question: str = term("问题", "What the scenario is to answer; left out: none", default="")
    extends: str | None = term("基础情景", "The scenario it starts from; left out: it stands alone", default=None)


class TimeTable(Table):
    """Months simulated, and the last month with a published figure."""

    start: Month | None = term("起始月", "First simulated month", default=None)
    reported_until: Month | None = term("数据截至", "Last month with a published figure", default=None)
    end: Month | None = term("结束月", "Last simulated month", default=None)


class RunTable(Table):
    """How often and at which size it is run."""

    replicates: PositiveNumber | None = term("推演次数", "Paired replicates", default=None)
    seed: WholeNumber | None = term("种子", "Seed of all draws; the same in scenarios that are compared", default=None)
    firms_per_agent: PositiveNumber = term("每主体企业数", "Firms one agent stands for; left out: 1", default=1)


class Body(Table):
    """Keys a file inherits from the one it extends."""

    place: str | None = term("地点", "The county; one of place and places", default=None)
    places: tuple[str, ...] = term("地点列表", "Several counties; one of place and places", default=())
    world: str | tuple[str, ...] | None = term(
        "外部环境", "World file: demand, prices, wages; several: replicates meet them in turn", default=None
    )
    calibration: str | None = term("校准", "Fitted parameter draws; left out: drawn from the priors", default=None)
    time: TimeTable = term("时间", "Months simulated", default=TimeTable())
    run: RunTable = term("运行", "Replicates and seed", default=RunTable())


class PolicyHead(Table):
    """Keys common to all policies."""

    id: Identifier = term("标识", "Unique among the policies of a scenario and its parents")
    type: str = term("类型", "Policy type")
    name: str = term("名称", "What a reader sees")
    name_zh: str = term("中文名称", "Chinese name; left out: the same as name", default="")
    start: Month = term("起始月", "First month in force")
    end: Month | None = term("结束月", "Last month in force; left out: it stays in force", default=None)
    where: Names = term("实施地点", "Place ids; left out: every place of the scenario", default=())
    source: str = term("来源", "Where the terms are published; hypothetical for what nobody announced")
    assumed: tuple[str, ...] = term("假设项", "Fields whose value nobody published", default=())
    payer: Payer | None = term("出资方", "Level of government that pays, or shares of levels", default=None)
    accept: tuple[str, ...] = term("已确认的提示", 'Warnings that are right as they are, as in ["W03"]', default=())


class Change(Table):
    """Amends a policy from a month on."""

    id: Identifier = term("标识", "Name of the change")
    policy: str = term("政策", "The policy it amends")
    from_: Month = Field(
        alias="from", description="First month with the new terms", json_schema_extra={"label_zh": "起始月"}
    )
    source: str = term("来源", "Where the change is published; left out: hypothetical", default="hypothetical")
    set: dict[str, Any] = term("新条款", "New values, { times = 2 } or { plus = ... } on the value in force")


class Stop(Table):
    """Ends a policy from a month on."""

    id: Identifier | None = term("标识", "Name of the stop; left out: the policy's id", default=None)
    policy: str = term("政策", "The policy that ends")
    from_: Month = Field(
        alias="from", description="First month without the policy", json_schema_extra={"label_zh": "终止月"}
    )
    source: str = term("来源", "Where the end is published; left out: hypothetical", default="hypothetical")


class Variant(Table):
    """A second scenario from the same file."""

    id: Identifier = term("标识", "The scenario is called file:variant")
    name: str = term("名称", "What a reader sees")
    name_zh: str = term("中文名称", "Chinese name; left out: the same as name", default="")
    question: str = term("问题", "What it is to answer; left out: the file's question", default="")
    drop: tuple[str, ...] = term(
        "去除", 'Policies, changes, stops and goals left out, as in ["policy.fair"]', default=()
    )
    set: dict[str, Any] = term("设置", 'New values by path, as in { "policy.fund.grant_share" = "30%" }', default={})


class GoalTable(Table):
    """An announced aim."""

    id: Identifier = term("标识", "Name of the goal")
    variable: str = term("变量", "Measured variable")
    at_least: Any = term("目标值", "Amount with its unit, share or whole number")
    by: Month = term("期限", "Month by which it is to be reached")
    source: str = term("来源", "Where it was announced")
    place: str | None = term("地点", "Place it is for; left out: all places together", default=None)


class Resolved(Table):
    """Written at the top of a resolved scenario so that it can be loaded again under its own name."""

    id: str = term("标识", "Id of the scenario, with its variant")
    baseline: str = term("基线", "Id of the scenario it is compared with; empty for a baseline", default="")


LISTS: dict[str, type[Table]] = {
    "policy": PolicyHead,
    "change": Change,
    "stop": Stop,
    "variant": Variant,
    "goal": GoalTable,
}
"""Lists of tables, in the order in which they are usually written."""

HEAD_KEYS = tuple(field.alias or name for name, field in FileHead.model_fields.items())
BODY_KEYS = tuple(Body.model_fields)
OTHER_KEYS = (*LISTS, "parameters", "resolved")
FILE_KEYS = tuple(key for key in (*HEAD_KEYS, *BODY_KEYS, *OTHER_KEYS) if key not in ("policy", "change"))
"""Keys of a file that stand nowhere else."""
