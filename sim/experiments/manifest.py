"""``run.json``: what a run is, what made it, and how far it got. The only file of a run that holds times of day."""

from __future__ import annotations

import platform
import subprocess
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

from sim import versions, workspace
from sim.experiments.engine import available_cores, launch_of
from sim.experiments.identity import code_hash
from sim.observables import recorded
from sim.units import month_text

if TYPE_CHECKING:
    from sim.experiments.plan import Request, Target

PACKAGES = ("mesa", "numba", "numpy", "pandas", "scipy")


def now() -> str:
    """Return the time of day in UTC, to the millisecond so that the newest of two runs is known."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def package_versions() -> dict[str, str]:
    """Return the versions of Python and of the packages a number may depend on."""
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def git_commit() -> str:
    """Return the commit of the checkout the program runs from; empty when it is no checkout."""
    root = workspace.library_root()
    if not (root / ".git").exists():
        return ""
    try:
        answer = subprocess.run(
            ["git", "rev-parse", "HEAD"], cwd=root, capture_output=True, text=True, timeout=10, check=False
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return answer.stdout.strip() if answer.returncode == 0 else ""


def opened(target: Target, request: Request) -> dict[str, Any]:
    """Return the manifest as a command starts: what the run is, plus the sessions it has had so far."""
    before = target.folder.manifest()
    started, launch = now(), launch_of(request.jobs)
    session = {
        "command": request.command,
        "started": started,
        "ended": None,
        "jobs": launch.processes,
        "engine": launch.engine,
        "simulated": 0,
    }
    return {
        **_what_it_is(target, request),
        **_what_made_it(),
        "panel": target.panel,
        "state": "running",
        "replicates": {
            "asked": max(target.asked, int(before.get("replicates", {}).get("asked", 0))),
            "done": len(target.folder.finished()),
            "failed": 0,
        },
        "started": before.get("started", started),
        "ended": None,
        "tables": before.get("tables", ""),
        "sessions": [*before.get("sessions", []), session],
    }


def _what_made_it() -> dict[str, Any]:
    return {
        "version": versions.__version__,
        "packages": package_versions(),
        "git_commit": git_commit(),
        "code_hash": code_hash(),
        "host_cores": available_cores(),
    }


def _what_it_is(target: Target, request: Request) -> dict[str, Any]:
    scenario, identity = target.scenario, target.identity
    return {
        "schema": 1,
        "run": identity.run_id,
        "hash": identity.digest,
        "identity": asdict(identity),
        "scenario": scenario.id,
        "name": scenario.name,
        "name_zh": scenario.name_zh,
        "kind": scenario.kind,
        "reference": target.reference,
        "overrides": list(target.overrides),
        "command": request.command,
        "seed": identity.seed,
        "firms_per_agent": identity.firms_per_agent,
        "draws": {"calibration": identity.draws, "file": target.draws.path, "hash": identity.draws_hash},
        "model_version": identity.model_version,
        "start": month_text(scenario.time.start),
        "reported_until": month_text(scenario.time.reported_until),
        "end": month_text(scenario.time.end),
        "world": scenario.world_id,
        "places": [{"id": place.id, "name": place.name, "name_zh": place.name_zh} for place in scenario.places],
        "policies": [policy.id for policy in scenario.policies],
        "observables": [item.name for item in recorded(policy.type for policy in scenario.policies)],
    }


def closed(target: Target, manifest: dict[str, Any], state: str, simulated: int) -> dict[str, Any]:
    """Return the manifest as a command ends; ``state`` is ``complete``, ``failures``, ``stopped`` or ``partial``."""
    finished = target.folder.finished()
    failed = target.folder.failures(finished)
    ended = now()
    sessions = [*manifest["sessions"][:-1], manifest["sessions"][-1] | {"ended": ended, "simulated": simulated}]
    asked = manifest["replicates"]["asked"]
    counts = {"asked": asked, "done": len(finished), "failed": len(failed)}
    counts["missing"] = max(asked - len(finished) - len(failed), 0)
    return manifest | {"state": state, "ended": ended, "replicates": counts, "sessions": sessions}
