"""Whether two runs may be compared replicate by replicate, and which replicates they share (E20)."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

import numpy as np

from sim.errors import UserError
from sim.experiments.parameter_draws import drawn_from
from sim.workspace import results_root

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sim.experiments.run import Run

PAIRED_PARTS = {
    "seed": "seed",
    "parameters_hash": "parameters (hash)",
    "draws": "draws",
    "draws_hash": "draws (hash)",
    "places_hash": "starting values (hash)",
    "world_hash": "world (hash)",
    "model_version": "model version",
    "firms_per_agent": "scale",
    "layout_hash": "recorded variables (hash)",
}


def why_not_paired(b: Run, a: Run) -> list[str]:
    """Return what keeps replicate i of ``b`` from being the twin of replicate i of ``a``; empty when nothing does."""
    mine, other = b.manifest["identity"], a.manifest["identity"]
    # Other draws and places are named once, and another world may be what the comparison is about.
    same_name = {
        "draws_hash": mine["draws"] == other["draws"],
        "places_hash": a.places == b.places,
        "world_hash": a.manifest.get("world") == b.manifest.get("world"),
    }
    reasons = []
    for part, words in PAIRED_PARTS.items():
        pair = other.get(part), mine.get(part)
        if pair[0] != pair[1] and same_name.get(part, True):
            first, second = (f"1:{value}" if part == "firms_per_agent" else str(value) or "none" for value in pair)
            reasons.append(f"{words}: A {first}, B {second}")
    if a.places != b.places:
        reasons.append(f"places: A {', '.join(a.places)}; B {', '.join(b.places)}")
    return reasons


def require_paired(b: Run, a: Run) -> NDArray[np.int64]:
    """Return the replicates finished in both runs.

    Raises
    ------
    UserError
        If the runs differ in seed, draws, parameters, starting values, model version, scale or places, or share no
        replicate; the message lists every reason.
    """
    reasons = why_not_paired(b, a)
    if reasons:
        listed = "\n".join(f"     {reason}" for reason in reasons)
        cure = "     only runs of the same places can be compared"
        if a.places == b.places:
            cure = f"     {run_alike(b, a)}"
            if b.manifest["identity"]["layout_hash"] == a.manifest["identity"]["layout_hash"]:
                cure += "\n     or compare with --unpaired (wider intervals, said so in every table)"
        raise UserError(f"E20  cannot compare {b.id} (B) with {a.id} (A) replicate by replicate\n{listed}\n{cure}")
    shared = shared_replicates(b, a)
    if shared.size == 0:
        raise UserError(
            f"E20  cannot compare {b.id} (B) with {a.id} (A): no replicate is finished in both\n     {run_alike(b, a)}"
        )
    return shared


def run_alike(b: Run, a: Run) -> str:
    """Return the way to runs that pair: one command for both (two if their ``--set`` differ), as large as B was run."""
    size = settings_of(b)
    names = [shlex.quote(str(run.manifest["reference"])) for run in (a, b)]
    sets = [[f"--set {shlex.quote(change)}" for change in run.manifest["overrides"]] for run in (a, b)]
    if sets[0] == sets[1]:
        return "run both in one command: " + " ".join(["countysim run", *names, size, *sets[0]])
    first, second = (" ".join(["countysim run", name, size, *own]) for name, own in zip(names, sets, strict=True))
    return f"run both alike: {first}\n                     {second}"


def settings_of(run: Run) -> str:
    """Return the options of ``countysim run`` that make other runs of the size and seed of this one, in its folder."""
    manifest, results = run.manifest, run.folder.parents[2]
    asked, scale, seed = manifest["replicates"]["asked"], manifest["firms_per_agent"], manifest["seed"]
    elsewhere = results.resolve() != results_root(None).resolve()
    folder = f" --out {shlex.quote(str(results))}" if elsewhere else ""
    return f"-n {asked} --scale {scale} --seed {seed}{draws_option(run)}{folder}"


def draws_option(run: Run) -> str:
    """Return the option of ``countysim run``, after a space, with which a run took its parameters; none by default."""
    return " --draws assumed" if drawn_from(run.manifest) == "assumed" else ""


def shared_replicates(b: Run, a: Run) -> NDArray[np.int64]:
    """Return the numbers of the replicates finished in both runs, ascending."""
    return np.intersect1d(b.replicates, a.replicates)
