"""Ensembles: run scenarios many times, keep what is finished, find and read it again."""

from __future__ import annotations

from sim.experiments.engine import Launch, WorkersLostError
from sim.experiments.find import dataset, find_run, list_runs, load
from sim.experiments.pairing import require_paired, shared_replicates, why_not_paired
from sim.experiments.plan import Request
from sim.experiments.progress import PlainProgress, Progress, TerminalProgress, standard_progress
from sim.experiments.run import Run
from sim.experiments.runner import Stopped, run_ensemble, run_request
from sim.experiments.store import CorruptPartError

__all__ = [
    "CorruptPartError",
    "Launch",
    "PlainProgress",
    "Progress",
    "Request",
    "Run",
    "Stopped",
    "TerminalProgress",
    "WorkersLostError",
    "dataset",
    "find_run",
    "list_runs",
    "load",
    "require_paired",
    "run_ensemble",
    "run_request",
    "shared_replicates",
    "standard_progress",
    "why_not_paired",
]
