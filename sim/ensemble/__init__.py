"""Ensembles: run scenarios many times, keep what is finished, find and read it again."""

from __future__ import annotations

from sim.ensemble.archive import CorruptPartError
from sim.ensemble.datasets import dataset, load
from sim.ensemble.engine import WorkersLostError
from sim.ensemble.find import find_run, list_runs
from sim.ensemble.pairing import require_paired, shared_replicates, why_not_paired
from sim.ensemble.progress import PlainProgress, Progress, Silent, TerminalProgress, standard_progress
from sim.ensemble.run import Run
from sim.ensemble.runner import Stopped, run_ensemble

__all__ = [
    "CorruptPartError",
    "PlainProgress",
    "Progress",
    "Run",
    "Silent",
    "Stopped",
    "TerminalProgress",
    "WorkersLostError",
    "dataset",
    "find_run",
    "list_runs",
    "load",
    "require_paired",
    "run_ensemble",
    "shared_replicates",
    "standard_progress",
    "why_not_paired",
]
