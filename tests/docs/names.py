"""What a page may cite in code type: names of the program, parameters, observables, streams, files, commands."""

from __future__ import annotations

import ast
import functools
import importlib
import re
from pathlib import Path
from typing import Any

import typer

from sim.cli.main import app
from sim.inputs.quantities import field_type
from sim.observables import OBSERVABLES
from sim.parameters import parameter_table
from sim.policies.registry import policy_types

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
FENCE = re.compile(r"^```.*?^```$", flags=re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`([^`\n]+)`")
FILE = re.compile(r"[\w.<>-]+(/[\w.<>*-]+)*/?")
LINK = re.compile(r"\]\(([^)\s]+)\)")


def page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def prose(text: str) -> str:
    """A page without its blocks of equations and files."""
    return FENCE.sub("", text)


def cited(text: str) -> list[str]:
    """Everything in code type, in order."""
    return CODE.findall(prose(text))


@functools.cache
def trees() -> dict[str, ast.Module]:
    """Syntax tree of every module of the program by dotted name."""
    found = {}
    for path in sorted((ROOT / "sim").rglob("*.py")):
        if "_library" not in path.parts:
            dotted = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
            found[dotted] = ast.parse(path.read_text(encoding="utf-8"))
    return found


@functools.cache
def names_in_code() -> frozenset[str]:
    """Every class, function, variable, field and argument, and ``Class.member``."""
    found = set()
    for tree in trees().values():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                found.add(node.name)
                for member in ast.walk(node):
                    if isinstance(member, ast.FunctionDef):
                        found.add(f"{node.name}.{member.name}")
                    elif isinstance(member, ast.AnnAssign) and isinstance(member.target, ast.Name):
                        found |= {member.target.id, f"{node.name}.{member.target.id}"}
            elif isinstance(node, ast.FunctionDef):
                found.add(node.name)
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                found.add(node.id)
            elif isinstance(node, ast.arg):
                found.add(node.arg)
    return frozenset(found)


DRAWING = {"key", "year_key", "lasting_key", "month_key", "uniform_named", "stream", "drawn", "coming_forward"}
"""Functions that are handed the name of a stream."""


@functools.cache
def streams() -> frozenset[str]:
    """Names of the draws: every text handed to a function whose name has to do with keys, and module constants."""
    found = set()
    for tree in trees().values():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                if called in DRAWING:
                    for item in node.args:
                        found |= (
                            {item.value} if isinstance(item, ast.Constant) and isinstance(item.value, str) else set()
                        )
            elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
                targets = {target.id for target in node.targets if isinstance(target, ast.Name)}
                found |= {str(node.value.value)} if targets == {"STREAM"} else set()
    return frozenset(found)


@functools.cache
def term_keys() -> frozenset[str]:
    """Keys of the terms of every policy type, and the words they may hold."""
    found: set[str] = set()

    def add(table: Any) -> None:
        for key, item in table.model_fields.items():
            found.add(key)
            inner = field_type(item.annotation)
            for choice in (inner, *getattr(inner, "__args__", ())):
                found.update({choice} if isinstance(choice, str) else set())
                if isinstance(choice, type) and hasattr(choice, "model_fields"):
                    add(choice)

    for name, kind in policy_types().items():
        found.add(name)
        add(kind.terms)
    return frozenset(found)


def in_module(name: str) -> bool:
    """Whether ``sim.a.b.c`` can be reached."""
    parts = name.split(".")
    for split in range(len(parts), 0, -1):
        if ".".join(parts[:split]) not in trees():
            continue
        thing: Any = importlib.import_module(".".join(parts[:split]))
        for part in parts[split:]:
            fields = getattr(thing, "__dataclass_fields__", {}).keys() | getattr(thing, "__annotations__", {}).keys()
            if not hasattr(thing, part):
                return part in fields
            thing = getattr(thing, part)
        return True
    return False


def command_exists(words: list[str]) -> bool:
    """Whether the first words name a command of ``countysim``, and every option there is one it takes."""
    command: Any = typer.main.get_command(app)
    rest = list(words)
    while rest and hasattr(command, "commands"):
        if rest[0].startswith("-"):
            break
        if rest[0] not in command.commands:
            return False
        command = command.commands[rest.pop(0)]
    known = {flag for parameter in command.params for flag in (*parameter.opts, *parameter.secondary_opts)}
    return all(word.partition("=")[0] in known | {"--help", "-h"} for word in rest if word.startswith("-"))


def exists(name: str) -> bool:
    """Whether a citation stands for something that is there."""
    observables = {item.name for item in OBSERVABLES}
    parameters = {row.name for row in parameter_table()}
    if name.startswith("countysim"):
        return command_exists(name.split()[1:])
    if name.startswith("make ") or name == "make":
        targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE)
        return all(word in targets for word in name.split()[1:] if "=" not in word)
    if name == "sim" or name.startswith("sim."):
        return in_module(name)
    if name in observables | parameters | streams() | term_keys() or name in names_in_code():
        return True
    return bool(FILE.fullmatch(name)) and ("/" in name or "." in name) and any(ROOT.glob(name.rstrip("/")))


def broken_links(path: Path) -> list[str]:
    """Links of a page to files or headings that are not there."""
    text = path.read_text(encoding="utf-8")
    broken = []
    for target in LINK.findall(prose(text)):
        if re.match(r"[a-z]+://", target):
            continue
        file, _, anchor = target.partition("#")
        there = (path.parent / file) if file else path
        if not there.exists() or (anchor and anchor not in anchors(there.read_text(encoding="utf-8"))):
            broken.append(target)
    return broken


def anchors(text: str) -> set[str]:
    """Anchors a page offers: those of its headings as GitHub makes them, and those written out."""
    headings = re.findall(r"^#+ (.+)$", prose(text), flags=re.MULTILINE)
    made = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
    return made | set(re.findall(r'<a (?:id|name)="([^"]+)"', text))
