"""``countysim list`` and ``countysim scenario``: which scenarios there are, if they are right, what they change."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from sim.cli import common

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sim.inputs.problems import Problem
    from sim.scenario.loader import Loaded


def list_everything(lang: common.Language = common.SYSTEM, as_json: bool = False) -> None:
    """Show the places, worlds, scenarios and runs there are."""
    from sim.cli import pages

    _print_overview(pages.overview(lang), lang, as_json)


def list_scenarios(lang: common.Language = common.SYSTEM, as_json: bool = False) -> None:
    """Show the scenarios there are, with their kind and variants."""
    from sim.cli import pages

    _print_overview({"scenarios": pages.scenarios(lang)}, lang, as_json)


def _print_overview(overview: dict[str, list[dict[str, Any]]], lang: str, as_json: bool) -> None:
    from sim.cli import pages

    if as_json:
        common.print_json(overview)
    else:
        print(pages.overview_text(overview, lang))


def check(
    references: list[str] | None = None, overrides: list[str] | None = None, lang: common.Language = common.SYSTEM,
    as_json: bool = False,
) -> None:  # fmt: skip
    """Say everything that is wrong with scenarios, or that they are right. Nothing is run."""
    from sim.cli import pages
    from sim.scenario.scenario_files import known_files

    asked = references or list(known_files())
    usable: set[str] = set()
    results = [pages.examine(reference, tuple(overrides or ()), usable) for reference in asked]
    wrong = any(result.errors for result in results)
    if as_json:
        common.print_json([result.record(lang) for result in results])
    else:
        for result in results:
            tell(result.errors, lang, sys.stderr)
            tell(result.doubts, lang, sys.stdout)
            if not result.errors:
                print(result.line(lang))
    if not asked:
        print(common.WORDS.say(lang, "scenario.none_here"))
    if wrong:
        raise typer.Exit(2)


def tell(problems: Iterable[Problem], lang: str, stream: Any) -> None:
    """Print problems in a lang, an empty line after each."""
    for problem in problems:
        print(problem.text(lang), end="\n\n", file=stream)


@contextmanager
def problems_told(lang: str) -> Iterator[None]:
    """Tell the problems of what is read inside, in a lang, and end the command."""
    from sim.inputs.problems import InputErrors

    try:
        yield
    except InputErrors as errors:
        tell(errors.problems, lang, sys.stderr)
        raise typer.Exit(2) from None


def _load(reference: str, overrides: Iterable[str], lang: str) -> Loaded:
    from sim.scenario.loader import load

    with problems_told(lang):
        return load(reference, overrides=overrides)


def show(
    reference: str, origin: bool = False, assumed: bool = False, overrides: list[str] | None = None,
    lang: common.Language = common.SYSTEM,
) -> None:  # fmt: skip
    """Print a scenario with everything it inherits, as one TOML file that can be loaded again."""
    from sim.cli import pages
    from sim.scenario.writing import write_resolved

    loaded = _load(reference, overrides or (), lang)
    if assumed:
        print(pages.assumed_text(loaded, lang, origin=origin))
    else:
        print(write_resolved(loaded, origins=origin), end="")


def difference(a: str, b: str, lang: common.Language = common.SYSTEM) -> None:
    """Show what scenario B changes in A, and the most it can do by arithmetic alone."""
    from sim.cli import pages

    print(pages.difference_text(_load(a, (), lang), _load(b, (), lang), lang))


def new(identifier: str, parent: str = "yongnian-2023", lang: common.Language = common.SYSTEM) -> None:
    """Write a commented scenario file to start from. Nothing is ever overwritten."""
    from sim.inputs.problems import shown_path
    from sim.scaffold.new_scenario import new_scenario

    with problems_told(lang):
        path, text = new_scenario(identifier, parent)
    lines = text.splitlines()
    comments = sum(line.lstrip().startswith("#") for line in lines)
    block = "[[change]]" if "\n[[change]]" in text else "[[policy]]"
    counts = {"lines": len(lines), "comments": comments}
    print(common.WORDS.say(lang, "scenario.wrote", name=shown_path(path), block=block, id=identifier, **counts))


def repair(reference: str, lang: common.Language = common.SYSTEM) -> None:
    """Save a GBK or UTF-16 file as UTF-8 and put plain characters for full-width ones; the original is kept."""
    from sim.inputs.files import fix_encoding
    from sim.inputs.problems import shown_path
    from sim.scenario.scenario_files import locate

    with problems_told(lang):
        path, _ = locate(reference)
        done = fix_encoding(path)
    say, name = partial(common.WORDS.say, lang), shown_path(path)
    if done.backup is None:
        print(say("scenario.nothing_to_repair", name=name))
        return
    told = [say("scenario.saved_as", encoding=done.encoding)] if done.encoding else []
    if done.lines:
        told.append(say("scenario.plain_signs", lines=", ".join(map(str, done.lines))))
    print(say("scenario.repaired", name=name, done=told, kept=shown_path(done.backup)))


def terms(name: str | None = None, md: bool = False, lang: common.Language = common.SYSTEM) -> None:
    """Show the terms a policy type takes: key, how it is written, what it means."""
    from sim.cli import pages

    print(pages.terms_text(name, lang, md=md), end="")


def schema(out: Path | None = None) -> None:
    """Print the JSON Schema of scenario files, for editors that complete and check TOML."""
    from sim.errors import UserError
    from sim.scenario.schema import schema_text

    if out is None:
        print(schema_text(), end="")
        return
    try:
        out.write_text(schema_text(), encoding="utf-8", newline="\n")
    except OSError as error:
        raise UserError(f"{out} cannot be written: {error.strerror or error}") from None
    print(f"wrote {out}")
