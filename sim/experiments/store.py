"""Folders of what was simulated: parts of runs, and rows of trials. One process at a time writes to one.

A part holds the records of up to ten replicates. An array of replicate 37 is the entry ``0037/<name>.npy``, so
``numpy.load(part)["0037/monthly"]`` reads one without the others. Equal records give equal bytes: entries are in a
fixed order, carry a fixed date, and are compressed in one piece. Nothing is ever pickled.

A finished replicate of a run is first a file of its own in ``unfinished/``; once its block of ten is complete, or the
command ends, the block becomes a part. Of a trial a row of numbers is kept, many rows in a file. Whatever happens in
between, a file is either whole or absent.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import re
import struct
import sys
import zipfile
import zlib
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any, Final

import numpy as np

from sim import versions
from sim.errors import UserError
from sim.whole import whole_file, write_whole

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from sim.state.record import ReplicateRecord

    Floats = NDArray[np.float64]

BLOCK = 10
PART = re.compile(r"part-(\d{4,})-(\d{4,})\.npz")
STAGED = re.compile(r"rep-(\d{4,})\.npz")
FAILED = re.compile(r"rep-(\d{3,})\.txt")
FIXED_DATE = (1980, 1, 1, 0, 0, 0)
ENTRY = re.compile(r"(\d{4,})/([a-z_]+(?:\.[A-Za-z0-9_-]+)?)\.npy")
ANCHOR = "anchor."
AWAY: Final = "\n     move it away and run the same command again: finished replicates are kept"
REQUIRED = (
    "first_month", "first_year", "draw", "seed", "digest", "monthly", "size_classes", "money", "take_up", "elsewhere",
    "purchases", "awards", "tracked",
)  # fmt: skip


MANIFEST: Final[Mapping[str, Any]] = {
    "run": str, "scenario": str, "reference": str, "overrides": [str], "state": str, "start": str, "end": str,
    "started": str, "seed": int, "firms_per_agent": int, "draws": dict, "policies": [str], "observables": [str],
    "places": [{"id": str, "name": str, "name_zh": str}], "replicates": {"asked": int, "done": int},
    "identity": {"scenario_hash": str, "parameters_hash": str, "layout_hash": str, "draws": str, "model_version": int},
    "sessions": [{"started": str, "ended": str | None, "jobs": int, "simulated": int}],
}  # fmt: skip
"""What readers of ``run.json`` rely on; ``sim.experiments.manifest`` writes it, and more."""


def has_shape(content: object, shape: Any) -> bool:
    """Return whether data read from JSON has a shape: a type, a list of one shape, or a mapping of names to shapes."""
    if isinstance(shape, list):
        return isinstance(content, list) and all(has_shape(one, shape[0]) for one in content)
    if isinstance(shape, dict):
        return isinstance(content, dict) and all(
            name in content and has_shape(content[name], part) for name, part in shape.items()
        )
    return isinstance(content, shape)


DAMAGE: Final = (OSError, EOFError, ValueError, KeyError, RuntimeError, zipfile.BadZipFile, zlib.error, struct.error)
"""What reading a damaged archive may end in."""


class CorruptPartError(UserError):
    """A part file cannot be read to its end."""


def arrays_of(record: ReplicateRecord, draw: int, seed: int) -> dict[str, NDArray[Any]]:
    """Return the arrays one replicate is stored as, by entry name."""
    arrays: dict[str, NDArray[Any]] = {
        "first_month": np.asarray(record.first_month, "i8"),
        "first_year": np.asarray(record.first_year, "i8"),
        "draw": np.asarray(draw, "i8"),
        "seed": np.asarray(str(seed)),
        "digest": np.asarray(record.digest),
        "monthly": np.asarray(record.monthly, "f8"),
        "size_classes": np.asarray(record.size_classes, "f8"),
        "money": np.asarray(record.money, "f8"),
        "take_up": np.asarray(record.take_up, "f8"),
        "elsewhere": np.asarray(record.elsewhere, "f8"),
        "purchases": record.purchases,
        "awards": record.awards,
        "tracked": record.tracked,
    }
    if record.panel is not None:
        arrays["panel"] = record.panel
    arrays |= {ANCHOR + name: np.asarray(values, "f8") for name, values in record.anchors.items()}
    return arrays


def write_replicate(path: Path, replicate: int, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write the arrays of one replicate to a file of its own."""
    with whole_file(path) as part, zipfile.ZipFile(part, "w") as archive:
        for name in sorted(arrays):
            buffer = io.BytesIO()
            values = np.ascontiguousarray(arrays[name]).reshape(np.shape(arrays[name]))
            np.lib.format.write_array(buffer, values, allow_pickle=False)
            _add(archive, f"{replicate:04d}/{name}.npy", buffer.getvalue(), zipfile.ZIP_STORED)
        archive.comment = checksum(archive)


def write_part(path: Path, sources: Mapping[int, Path]) -> None:
    """Write a part from the replicates in ``sources`` (replicate number to file), one entry in memory at a time."""
    with whole_file(path) as part, zipfile.ZipFile(part, "w") as archive:
        for replicate in sorted(sources):
            with PartReader(sources[replicate]) as source:
                for name in source.names(replicate):
                    _add(archive, f"{replicate:04d}/{name}.npy", source.raw(replicate, name), zipfile.ZIP_DEFLATED)
        archive.comment = checksum(archive)


def _add(archive: zipfile.ZipFile, name: str, content: bytes, compression: int) -> None:
    entry = zipfile.ZipInfo(name, FIXED_DATE)
    entry.compress_type = compression
    entry.create_system = 3
    entry.external_attr = 0o644 << 16
    archive.writestr(entry, content, compresslevel=1 if compression == zipfile.ZIP_DEFLATED else None)


def checksum(archive: zipfile.ZipFile) -> bytes:
    """Return a checksum of which entries there are and of what is in them."""
    entries = [(entry.filename, entry.file_size, entry.CRC) for entry in archive.infolist()]
    return hashlib.sha256(repr(entries).encode()).hexdigest().encode()


class PartReader:
    """Reads a part (or the file of one replicate) entry by entry; the checksums of part and entry are verified.

    Raises
    ------
    CorruptPartError
        On opening or reading a file that is cut short, altered or not a part at all.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        with self._guard():
            self._archive = zipfile.ZipFile(path)
        self._names: dict[int, list[str]] = {}
        for entry in self._archive.namelist():
            found = ENTRY.fullmatch(entry)
            if found is None:
                self.close()
                raise self._corrupt(f"unexpected entry {entry!r}")
            self._names.setdefault(int(found[1]), []).append(found[2])
        for replicate, names in self._names.items():
            if missing := set(REQUIRED) - set(names):
                self.close()
                raise self._corrupt(f"replicate {replicate} lacks {', '.join(sorted(missing))}")
        if self.checksum not in (b"", checksum(self._archive)):  # runs of earlier versions have none
            self.close()
            raise self._corrupt("its checksum differs")

    def __enter__(self) -> PartReader:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._archive.close()

    @property
    def checksum(self) -> bytes:
        """What the file says of its own entries: equal for equal records."""
        return self._archive.comment

    @property
    def replicates(self) -> list[int]:
        """Replicate numbers in the file, ascending."""
        return sorted(self._names)

    def names(self, replicate: int) -> list[str]:
        """Return the names of a replicate's arrays, sorted."""
        return sorted(self._names[replicate])

    def raw(self, replicate: int, name: str) -> bytes:
        """Return an entry's bytes in NumPy's file format."""
        with self._guard():
            return self._archive.read(f"{replicate:04d}/{name}.npy")

    def array(self, replicate: int, name: str) -> NDArray[Any]:
        """Return one array of one replicate."""
        content = self.raw(replicate, name)
        with self._guard():
            return np.asarray(np.load(io.BytesIO(content), allow_pickle=False))

    def text(self, replicate: int, name: str) -> str:
        """Return a text entry such as ``digest`` or ``seed``."""
        return str(self.array(replicate, name)[()])

    def number(self, replicate: int, name: str) -> int:
        """Return an integer entry such as ``draw`` or ``first_month``."""
        return int(self.array(replicate, name)[()])

    @contextlib.contextmanager
    def _guard(self) -> Iterator[None]:
        """Turn every way in which a damaged file can fail into one message."""
        try:
            yield
        except FileNotFoundError:
            raise
        except DAMAGE as error:
            raise self._corrupt(str(error)) from error

    def _corrupt(self, detail: str) -> CorruptPartError:
        return CorruptPartError(
            f"{self.path} is damaged ({detail})\n"
            "     move it away and run the same command again: only the replicates in it are simulated anew"
        )


# --- folders of runs ---


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
        except (OSError, ValueError, RecursionError) as error:
            raise UserError(f"{self.manifest_path} cannot be read: {error}{AWAY}") from error
        if not has_shape(content, MANIFEST):
            raise UserError(f"{self.manifest_path} is not the manifest of a run{AWAY}")
        return dict(content)

    def failures(self, finished: Iterable[int]) -> list[dict[str, Any]]:
        """Return the records of failed replicates that have not been finished since, by replicate."""
        done = set(finished)
        found = []
        for path in sorted((self.folder / "failed").glob("rep-*.txt")):
            name = FAILED.fullmatch(path.name)
            if name is None or int(name[1]) in done:
                continue
            head, _, trace = path.read_text(encoding="utf-8", errors="replace").partition("\n\n")
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
    except DAMAGE as problem:
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
        stream = path.open("a+b", buffering=0)
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
        _sign(stream, str(os.getpid()).encode())
        _clear_temporaries(folder)
        try:
            yield
        finally:
            _clear_temporaries(folder)
            _sign(stream, b"")
            _release(stream)


def _sign(stream: IO[bytes], holder: bytes) -> None:
    """Write who holds a lock; on a disk that takes nothing more it holds without a name."""
    with contextlib.suppress(OSError):
        stream.seek(0)
        stream.truncate()
        stream.write(holder)


def _clear_temporaries(folder: Path) -> None:
    """Remove what a killed process left; what cannot be removed is in nobody's way."""
    for leftover in (*folder.glob(".*.tmp"), *folder.glob("unfinished/.*.tmp")):
        with contextlib.suppress(OSError):
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
