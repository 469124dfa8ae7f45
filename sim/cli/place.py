"""``countysim place``: which places there are, where their numbers come from, and how to add a county of one's own."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from sim.cli import common
from sim.cli.common import LanguageOption, chosen_language
from sim.cli.scenario import AsJson, problems_told, tell

Table = Annotated[
    Path | None,
    typer.Option(metavar="CSV", help="Table of reported figures: used as printed, nothing is computed from them."),
]
Derived = Annotated[
    Path | None,
    typer.Option(
        metavar="CSV", help="Table of reported figures; part years are annualised, growth moves them to the base year."
    ),
]  # fmt: skip


def register(app: typer.Typer) -> None:
    """Add the group ``place`` to the command line."""
    group = typer.Typer(
        help="Places to simulate: list them, see where numbers come from, add a county of your own.",
        no_args_is_help=True,
        rich_markup_mode=None,
    )
    group.command("list")(list_places)
    group.command("show")(show)
    group.command("check")(check)
    group.command("new")(new)
    app.add_typer(group, name="place")


def list_places(lang: LanguageOption = None, as_json: AsJson = False) -> None:
    """List the places with their industry, base year, and how many of their numbers are reported or assumed."""
    from sim.cli import place_pages

    spoken = chosen_language(lang)
    found = place_pages.listing()
    if as_json:
        common.print_json(found)
    else:
        print(place_pages.listing_text(found, spoken))


def show(
    identifier: Annotated[str, typer.Argument(metavar="PLACE", help="Id of a place, such as yongnian.")],
    assumed: Annotated[bool, typer.Option("--assumed", help="Only the numbers nobody published.")] = False,
    lang: LanguageOption = None,
    as_json: AsJson = False,
) -> None:
    """Show where each number a place starts from comes from: reported, computed from figures, or assumed and why."""
    from sim.cli import place_pages

    spoken = chosen_language(lang)
    origins = place_pages.origins_of(identifier)
    if as_json:
        common.print_json([asdict(item) for item in origins if not assumed or item.kind == "assumed"])
    else:
        print(place_pages.origins_text(identifier, origins, spoken, assumed=assumed))


def check(
    identifiers: Annotated[
        list[str] | None, typer.Argument(metavar="[PLACE]...", help="Ids of places; all when left out.")
    ] = None,
    lang: LanguageOption = None,
) -> None:
    """Say everything that is wrong or doubtful with the numbers of places. Nothing is run.

    Exit code 2 when a place cannot be simulated; doubts (W) and notes (N) let a run go on.
    """
    from sim.cli import place_pages
    from sim.errors import UserError
    from sim.inputs.problems import InputErrors
    from sim.scenario.places import read_place
    from sim.scenario.scenario_files import known_inputs

    spoken = chosen_language(lang)
    wrong = False
    for identifier in identifiers or known_inputs("places"):
        try:
            found = read_place(identifier)
        except InputErrors as errors:
            tell(errors.problems, spoken, sys.stderr)
            wrong = True
        except UserError as error:
            print(error, file=sys.stderr)
            wrong = True
        else:
            tell(found.doubts, spoken, sys.stdout)
            print(place_pages.checked_text(identifier, found.origins, spoken))
    if wrong:
        raise typer.Exit(2)


def new(
    identifier: Annotated[str, typer.Argument(metavar="PLACE", help="Id of the new place, such as my-county.")],
    from_facts: Derived = None,
    facts: Table = None,
    industry: Annotated[str, typer.Option(help="Industry whose costs it has; left out: that of the figures.")] = "",
    name: Annotated[str, typer.Option(help="What a reader sees; any text.")] = "",
    name_zh: Annotated[str, typer.Option(help="Chinese name.")] = "",
    admin_code: Annotated[str, typer.Option(help="Administrative code of six digits (行政区划代码).")] = "",
    baseline: Annotated[
        bool, typer.Option("--baseline/--no-baseline", help="Also write <PLACE>-baseline, a scenario to start from.")
    ] = True,
    lang: LanguageOption = None,
) -> None:
    """Write a place of your own: every number a reported figure or a range with its reason. Nothing is overwritten.

    CSV has the columns of calibration/evidence/reported_facts.csv; publications go into a sources.csv beside it.
    What to put in it: docs/own-county.md. Without one every number is assumed.
    """
    from sim.cli import place_pages
    from sim.errors import UserError
    from sim.scaffold.new_place import Wanted, new_place

    spoken = chosen_language(lang)
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
        lang=spoken,
        baseline=baseline,
    )
    with problems_told(spoken):
        print(place_pages.made_text(new_place(wanted), spoken))
