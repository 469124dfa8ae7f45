"""Reading a file of later figures that came from outside: the columns of ``reported_facts.csv``, sources of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.calibrate.validation import Unscored
from sim.evidence import load_sources, read_facts
from sim.evidence.facts import COLUMNS, KNOWN_UNITS
from sim.evidence.labels import GROWTH
from sim.evidence.reading import Problems, read_rows, shown_path

if TYPE_CHECKING:
    from pathlib import Path

    from sim.evidence import Fact


@dataclass(frozen=True)
class OutsideFacts:
    """Figures of a file from outside.

    Attributes
    ----------
    facts
        In file order.
    set_aside
        Rows in a unit the program does not know.
    unknown_sources
        Sources named in the file that ``sources.csv`` does not have.
    """

    name: str
    facts: tuple[Fact, ...]
    set_aside: tuple[Unscored, ...]
    unknown_sources: tuple[str, ...]


class _Tolerant(Problems):
    """Problems of a file from outside: a unit nobody here knows is no mistake of its writer."""

    def __init__(self) -> None:
        super().__init__()
        self.units: dict[int, str] = {}

    def add(self, path: Path, line: int, problem: str, advice: str = "") -> None:
        """Note a problem; a unknown unit sets the row aside."""
        if advice == KNOWN_UNITS:
            self.units[line] = problem
        else:
            super().add(path, line, problem, advice)


def read_outside(path: Path) -> OutsideFacts:
    """Return the figures of a file.

    Raises
    ------
    UserError
        When the file is missing or has other columns, or with file and line of everything wrong in it: words that are
        not known, numbers that are none, periods that run backwards, an id used twice, growth that is not called so.
    """
    rows = dict(read_rows(path, COLUMNS))
    named = {row["source"] for row in rows.values()}
    problems = _Tolerant()
    facts = read_facts(path, named, problems)
    for line, fact in facts.items():
        if fact.variable.endswith(GROWTH) != (fact.kind == "growth") and fact.kind != "goal":
            problems.add(
                path,
                line,
                f'variable "{fact.variable}" and kind "{fact.kind}" do not go together',
                f'growth has kind growth and a variable that ends with "{GROWTH}", such as exports{GROWTH}',
            )
    if not rows:
        problems.add(path, 1, "no figure in the file")
    problems.raise_any()
    aside = tuple(
        Unscored(
            rows[line]["id"],
            rows[line]["place"],
            rows[line]["variable"],
            f'the program does not know the unit "{rows[line]["unit"]}"',
            f"程序不识别计量单位“{rows[line]['unit']}”",
        )
        for line in sorted(problems.units)
    )
    unknown = sorted(named - load_sources().keys() - {""})
    return OutsideFacts(shown_path(path), tuple(facts.values()), aside, tuple(unknown))
