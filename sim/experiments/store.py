"""Folders of what was simulated: parts of runs, and rows of trials. One process at a time writes to one.

A finished replicate of a run is first a file of its own in ``unfinished/``; once its block of ten is complete, or the
command ends, the block becomes a part. Of a trial a row of numbers is kept, many rows in a file. Whatever happens in
between, a file is either whole or absent.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import sys
import zipfile
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from sim import versions
from sim.errors import UserError
from sim.experiments.archive import PartReader, write_part
from sim.whole import whole_file, write_whole

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

BLOCK = 10
PART = re.compile(r"part-(\d{4,})-(\d{4,})\.npz")
STAGED = re.compile(r"rep-(\d{4,})\.npz")
FAILED = re.compile(r"rep-(\d{3,})\.txt")


class RunFolder:
    """Read and write access to one run's folder; writing needs ``locked``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    # --- names ---

    @property
    def unfinished(self) -> Path:
        """Folder of replicates whose block is not a part yet."""
        return self.folder / "unfinished"

    @property
    def manifest_path(self) -> Path:
        """``run.json``."""
        return self.folder / "run.json"

    def staged_path(self, replicate: int) -> Path:
        """Return the file a worker writes a finished replicate to."""
        return self.unfinished / f"rep-{replicate:04d}.npz"

    def part_path(self, replicate: int) -> Path:
        """Return the part that holds (or will hold) a replicate."""
        first = replicate // BLOCK * BLOCK
        return self.folder / f"part-{first:04d}-{first + BLOCK - 1:04d}.npz"

    def failure_path(self, replicate: int) -> Path:
        """Return the record of a failed replicate."""
        return self.folder / "failed" / f"rep-{replicate:03d}.txt"

    # --- reading ---

    def parts(self) -> list[Path]:
        """Return the part files in order of replicates."""
        found = [path for path in self.folder.glob("part-*.npz") if PART.fullmatch(path.name)]
        return sorted(found, key=lambda path: int(path.name.split("-")[1]))

    def finished(self) -> dict[int, bool]:
        """Return the replicates in the parts, and whether each holds a firm panel.

        Raises
        ------
        CorruptPartError
            If a part is damaged.
        """
        found = {}
        for path in self.parts():
            with PartReader(path) as part:
                for replicate in part.replicates:
                    found[replicate] = "panel" in part.names(replicate)
        return found

    def manifest(self) -> dict[str, Any]:
        """Return ``run.json``, or an empty mapping when there is none.

        Raises
        ------
        UserError
            If the file is not what a run writes.
        """
        try:
            content = json.loads(self.manifest_path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            raise UserError(f"{self.manifest_path} cannot be read: {error}") from error
        if not isinstance(content, dict):
            raise UserError(f"{self.manifest_path} is not the manifest of a run")
        return content

    def failures(self, finished: Iterable[int]) -> list[dict[str, Any]]:
        """Return the records of failed replicates that have not been finished since, by replicate."""
        done = set(finished)
        found = []
        for path in sorted((self.folder / "failed").glob("rep-*.txt")):
            name = FAILED.fullmatch(path.name)
            if name is None or int(name[1]) in done:
                continue
            head, _, trace = path.read_text(encoding="utf-8").partition("\n\n")
            fields: dict[str, Any] = dict(line.split(": ", 1) for line in head.splitlines() if ": " in line)
            found.append(fields | {"replicate": int(name[1]), "traceback": trace, "file": str(path)})
        return sorted(found, key=lambda record: record["replicate"])

    # --- writing (under the lock) ---

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the folder, as ``held`` does."""
        with held(self.folder):
            try:
                yield
            finally:
                with contextlib.suppress(OSError):
                    self.unfinished.rmdir()

    def write_manifest(self, manifest: dict[str, Any]) -> None:
        """Write ``run.json``."""
        write_whole(self.manifest_path, json.dumps(manifest, ensure_ascii=False, indent=2) + "\n")

    def staged(self) -> list[int]:
        """Return the replicates finished but not yet in a part."""
        names = (STAGED.fullmatch(path.name) for path in self.unfinished.glob("rep-*.npz"))
        return sorted(int(name[1]) for name in names if name)

    def block_complete(self, replicate: int, wanted: Iterable[int], finished: Iterable[int]) -> bool:
        """Tell whether every wanted replicate of the block is finished, so that its part can be written."""
        block = replicate // BLOCK
        have = set(finished) | set(self.staged())
        return all(number in have for number in wanted if number // BLOCK == block)

    def merge(self, replicates: Iterable[int]) -> None:
        """Write the parts of the blocks these replicates are in, then drop their single files.

        A replicate already in a part is replaced only by one with the same final state (it is run again to add
        its firm panel).

        Raises
        ------
        UserError
            If a replicate came out differently from the one already saved.
        """
        staged = self.staged()
        for block in sorted({replicate // BLOCK for replicate in replicates}):
            new = {number: self.staged_path(number) for number in staged if number // BLOCK == block}
            if not new:
                continue
            target = self.part_path(block * BLOCK)
            old: dict[int, Path] = {}
            if target.exists():
                with PartReader(target) as part:
                    old = dict.fromkeys(part.replicates, target)
                for replicate in sorted(old.keys() & new.keys()):
                    self._require_same(target, new[replicate], replicate)
            write_part(target, old | new)
            for path in new.values():
                path.unlink()

    def merge_all(self) -> None:
        """Write every unfinished block as a part."""
        self.merge(self.staged())

    @staticmethod
    def _require_same(old: Path, new: Path, replicate: int) -> None:
        with PartReader(old) as before, PartReader(new) as after:
            saved, again = before.text(replicate, "digest"), after.text(replicate, "digest")
        if saved != again:
            raise UserError(
                f"replicate {replicate} came out differently from the one saved in {old}\n"
                f"     digest {saved or 'none'} saved, {again or 'none'} now: the program has changed since\n"
                f"     use another --out, or move the folder away; the new one is left in {new}"
            )


# --- rows of trials ---


@dataclass(frozen=True)
class Row:
    """What became of a trial: a few numbers, NaN when it failed; ``error`` says why."""

    number: int
    values: Floats
    error: str
    seconds: float


def read_rows(folder: Path) -> dict[int, Row]:
    """Return the rows of a folder by number; a file that was cut short is named, not skipped."""
    found: dict[int, Row] = {}
    for path in sorted(folder.glob("rows-*.npz")):
        found.update(read_file_of_rows(path)[0])
    return found


def read_file_of_rows(path: Path) -> tuple[dict[int, Row], Floats]:
    """Return the rows of one file by number, and the mean score of each row's point (NaN: not kept).

    Raises
    ------
    UserError
        If the file is damaged.
    """
    try:
        with np.load(path, allow_pickle=False) as part:
            table = (part["number"].tolist(), part["values"], part["error"].tolist(), part["seconds"].tolist())
            sketch = part["mean_score"]
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as problem:
        raise UserError(f"{path} is damaged; remove it and run the same command again") from problem
    return {number: Row(number, *rest) for number, *rest in zip(*table, strict=True)}, sketch


def write_rows(folder: Path, rows: Sequence[Row]) -> None:
    """Write a block of rows to a folder."""
    ordered = sorted(rows, key=lambda row: row.number)
    write_file_of_rows(folder / f"rows-{ordered[0].number:06d}-{ordered[-1].number:06d}-{len(ordered)}.npz", ordered)


def write_file_of_rows(path: Path, ordered: Sequence[Row], mean_score: Floats | None = None) -> None:
    """Write rows, and the mean score of each one's point, under a temporary name, then rename: all or nothing."""
    with whole_file(path) as part, part.open("wb") as file:
        np.savez(
            file,
            number=np.array([row.number for row in ordered], dtype=np.int64),
            values=np.stack([row.values for row in ordered]),
            error=np.array([row.error for row in ordered], dtype=np.str_),
            seconds=np.array([row.seconds for row in ordered]),
            mean_score=np.full(len(ordered), np.nan) if mean_score is None else mean_score,
            model_version=np.array(versions.MODEL_VERSION),
        )


# --- locks ---


@contextlib.contextmanager
def held(folder: Path) -> Iterator[None]:
    """Hold a folder for this process; make it when it is new; clear temporary files a killed process left.

    One process at a time may write to it, and the system drops the lock when a process dies. The lock file stays, empty
    or with the number of its last holder.

    Raises
    ------
    UserError
        If another process holds it, or nothing can be written there.
    """
    path = folder / ".lock"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        stream = path.open("a+b")
    except OSError as error:
        raise UserError(f"cannot write to {folder}: {error.strerror or error}; choose another --out") from error
    with stream:
        try:
            _take(stream)
        except OSError as error:
            raise UserError(
                f"another countysim{_holder(path)} is writing to {folder}\n"
                "     wait for it, or stop it; then give the same command again"
            ) from error
        stream.seek(0)
        stream.truncate()
        stream.write(str(os.getpid()).encode())
        stream.flush()
        _clear_temporaries(folder)
        try:
            yield
        finally:
            _clear_temporaries(folder)
            stream.seek(0)
            stream.truncate()
            _release(stream)


def _clear_temporaries(folder: Path) -> None:
    for leftover in folder.rglob(".*.tmp"):
        leftover.unlink(missing_ok=True)


def _holder(path: Path) -> str:
    try:
        number = path.read_bytes()[:20].decode("ascii", "ignore").strip()
    except OSError:
        return ""
    return f" (process {number})" if number.isdigit() else ""


if sys.platform == "win32":
    import msvcrt

    # A range far behind the text, so that the number of the holder stays readable.
    _FAR = 1 << 30

    def _take(stream: IO[bytes]) -> None:
        stream.seek(_FAR)
        msvcrt.locking(stream.fileno(), msvcrt.LK_NBLCK, 1)

    def _release(stream: IO[bytes]) -> None:
        stream.seek(_FAR)
        msvcrt.locking(stream.fileno(), msvcrt.LK_UNLCK, 1)
else:
    import fcntl

    def _take(stream: IO[bytes]) -> None:
        fcntl.flock(stream.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _release(stream: IO[bytes]) -> None:
        fcntl.flock(stream.fileno(), fcntl.LOCK_UN)
