"""Simulate one replicate in this process and save nothing: to look at a failure, or to check a saved replicate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.errors import UserError
from sim.experiments.plan import job_for, plan
from sim.experiments.store import PartReader
from sim.experiments.tasks import records
from sim.experiments.toolbox import standard_toolbox
from sim.units import month_text, parse_month

if TYPE_CHECKING:
    from collections.abc import Callable

    from sim.experiments.plan import Request, Target
    from sim.experiments.toolbox import Toolbox
    from sim.state.record import ReplicateRecord


@dataclass(frozen=True)
class Replay:
    """One replicate simulated again; ``saved_digest`` is None unless it is saved whole and was replayed whole."""

    target: Target
    replicate: int
    draw: int
    seed: int
    record: ReplicateRecord
    saved_digest: str | None

    @property
    def last_month(self) -> int:
        """Month number of the last simulated month."""
        return self.record.first_month + len(self.record.monthly) - 1


def replay(
    request: Request,
    until: str | None = None,
    on_month: Callable[[int], None] | None = None,
    toolbox: Toolbox | None = None,
) -> list[Replay]:
    """Simulate replicate ``request.only`` of every scenario, to its end or to the month ``until`` (``2028-04``).

    Raises
    ------
    UserError
        If no replicate is named, or ``until`` is not a simulated month.
    Exception
        Whatever the simulation raises, with its traceback.
    """
    toolbox = toolbox or standard_toolbox()
    if request.only is None:
        raise UserError("--until and --debug replay one replicate: say which with --only, for example --only 0")
    found = []
    for position, target in enumerate(plan(request, toolbox)[0]):
        last = None if until is None else _month(until, target)
        job = job_for({position: target}, request.only, toolbox)
        ((_, record),) = records(job, until=last, on_month=on_month)
        if isinstance(record, Exception):
            raise record
        whole = last is None or last == target.scenario.time.end
        saved = _saved_digest(target, request.only) if whole else None
        found.append(Replay(target, request.only, job.draw, job.seed, record, saved))
    return found


def _month(text: str, target: Target) -> int:
    span = target.scenario.time
    try:
        month = parse_month(text)
    except ValueError as error:
        raise UserError(f'--until "{text}" is not a month; write it as {month_text(span.end)}') from error
    if not span.start <= month <= span.end:
        raise UserError(
            f"--until {text}: {target.scenario.id} is simulated from {month_text(span.start)} to {month_text(span.end)}"
        )
    return month


def _saved_digest(target: Target, replicate: int) -> str | None:
    path = target.folder.part_path(replicate)
    if not path.is_file():
        return None
    with PartReader(path) as part:
        return part.text(replicate, "digest") if replicate in part.replicates else None
