"""What a figure can be drawn from: a pair of runs (scenario, baseline), or a comparison of two."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from sim.compare.comparison import Comparison

if TYPE_CHECKING:
    from sim.experiments import Run

    Source: TypeAlias = Comparison | tuple[Run, Run]


def as_runs(source: Source) -> tuple[Run, Run]:
    """Return scenario and baseline; those of a comparison are read again from the run store."""
    if not isinstance(source, Comparison):
        return source
    from sim.experiments import find_run

    return find_run(source.b.folder), find_run(source.a.folder)


def as_comparison(source: Source, at: int | None = None, *, unpaired: bool = False) -> Comparison:
    """Return the comparison of a pair of runs at one year (None: the default), or the one given."""
    if isinstance(source, Comparison) and at in (None, source.at):
        return source
    from sim.compare import compare

    return compare(*as_runs(source), at=at, unpaired=unpaired)
