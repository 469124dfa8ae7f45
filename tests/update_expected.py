"""Write the expected outcome of every scenario anew:  python -m tests.update_expected [REFERENCE ...]."""

from __future__ import annotations

import os
import sys
from concurrent.futures import ProcessPoolExecutor

# As in the tests: a sum over several threads has other last bits, and 269 places make them visible.
os.environ.update(OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1", NUMBA_NUM_THREADS="1")

from tests import expected


def write(reference: str) -> str:
    """Write the file of one scenario and return its name."""
    path = expected.path_of(reference)
    path.write_text(expected.text(reference, expected.outcome(reference)), encoding="utf-8", newline="\n")
    return path.name


def main(references: list[str]) -> None:
    """Write the files of the given scenarios, or of all; files of scenarios that are gone are named, not removed."""
    everything = expected.references()
    expected.folder().mkdir(exist_ok=True)
    with ProcessPoolExecutor() as workers:
        for name in workers.map(write, references or everything):
            print(name, flush=True)
    known = {expected.path_of(reference) for reference in everything}
    for path in sorted(set(expected.folder().glob("*.toml")) - known):
        print(f"{path.name}: no scenario of this name; remove the file")


if __name__ == "__main__":
    main(sys.argv[1:])
