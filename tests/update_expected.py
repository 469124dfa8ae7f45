"""Write the expected outcome of every scenario, and the digests of processors, anew.

python -m tests.update_expected [REFERENCE ...] writes those of some scenarios alone.
"""

from __future__ import annotations

import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from tests import expected, processors


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
    if not references:
        with tempfile.TemporaryDirectory() as folder:
            digests = {name: make() for name, make in processors.QUICK.items()}
            digests["fit"] = processors.of_fit(Path(folder))
        processors.FILE.write_text(processors.text(digests), encoding="utf-8", newline="\n")
        print(processors.FILE.name)
    known = {expected.path_of(reference) for reference in everything}
    for path in sorted(set(expected.folder().glob("*.toml")) - known):
        print(f"{path.name}: no scenario of this name; remove the file")


if __name__ == "__main__":
    main(sys.argv[1:])
