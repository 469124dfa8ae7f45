"""``countysim place``: which places there are, where their numbers come from, and how to add a county of one's own."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path

import typer

from sim.cli import common
from sim.cli.scenario import problems_told, tell


def list_places(lang: common.Language = common.SYSTEM, as_json: bool = False) -> None:
    """List the places with their industry, base year, and how many of their numbers are reported or assumed."""
    from sim.cli import pages

    found = pages.listing()
    if as_json:
        common.print_json(found)
    else:
        print(pages.listing_text(found, lang))


def show(identifier: str, assumed: bool = False, lang: common.Language = common.SYSTEM, as_json: bool = False) -> None:
    """Show where each number a place starts from comes from: reported, computed from figures, or assumed and why."""
    from sim.cli import pages

    origins = pages.origins_of(identifier)
    if as_json:
        common.print_json([asdict(item) for item in origins if not assumed or item.kind == "assumed"])
    else:
        print(pages.origins_text(identifier, origins, lang, assumed=assumed))


def check(identifiers: list[str] | None = None, lang: common.Language = common.SYSTEM) -> None:
    """Say everything that is wrong or doubtful with the numbers of places. Nothing is run."""
    from sim.cli import pages
    from sim.errors import UserError
    from sim.inputs.problems import InputErrors
    from sim.scenario.places import read_place
    from sim.scenario.scenario_files import known_inputs

    wrong = False
    for identifier in identifiers or known_inputs("places"):
        try:
            found = read_place(identifier)
        except InputErrors as errors:
            tell(errors.problems, lang, sys.stderr)
            wrong = True
        except UserError as error:
            print(error, file=sys.stderr)
            wrong = True
        else:
            tell(found.doubts, lang, sys.stdout)
            print(pages.checked_text(identifier, found.origins, lang))
    if wrong:
        raise typer.Exit(2)


def new(
    identifier: str, from_facts: Path | None = None, facts: Path | None = None, industry: str = "", name: str = "",
    name_zh: str = "", admin_code: str = "", baseline: bool = True, lang: common.Language = common.SYSTEM,
) -> None:  # fmt: skip
    """Write a place of your own: every number a reported figure or a range with its reason. Nothing is overwritten."""
    from sim.cli import pages
    from sim.errors import UserError
    from sim.scaffold.new_place import Wanted, new_place

    if facts is not None and from_facts is not None:
        raise UserError("--facts and --from-facts exclude each other: the one as printed, the other with arithmetic")
    wanted = Wanted(
        identifier,
        facts=facts or from_facts,
        derive=from_facts is not None,
        industry=industry,
        name=name,
        name_zh=name_zh,
        admin_code=admin_code,
        lang=lang,
        baseline=baseline,
    )
    with problems_told(lang):
        print(pages.made_text(new_place(wanted), lang))
