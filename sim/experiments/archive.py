"""Part files: the records of up to ten replicates in one ``.npz``, written whole or not at all.

An array of replicate 37 is the entry ``0037/<name>.npy``, so ``numpy.load(part)["0037/monthly"]`` reads one without
the others. Equal records give equal bytes: entries are in a fixed order, carry a fixed date, and are compressed in
one piece. Nothing is ever pickled.
"""

from __future__ import annotations

import contextlib
import io
import re
import zipfile
import zlib
from typing import TYPE_CHECKING

import numpy as np

from sim.errors import UserError
from sim.whole import whole_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path
    from types import TracebackType
    from typing import Any

    from numpy.typing import NDArray

    from sim.state.record import ReplicateRecord

FIXED_DATE = (1980, 1, 1, 0, 0, 0)
ENTRY = re.compile(r"(\d{4,})/([a-z_]+(?:\.[A-Za-z0-9_-]+)?)\.npy")
ANCHOR = "anchor."
REQUIRED = (
    "first_month", "first_year", "draw", "seed", "digest", "monthly", "size_classes", "money", "purchases", "tracked",
)  # fmt: skip


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
        "purchases": record.purchases,
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


def write_part(path: Path, sources: Mapping[int, Path]) -> None:
    """Write a part from the replicates in ``sources`` (replicate number to file), one entry in memory at a time."""
    with whole_file(path) as part, zipfile.ZipFile(part, "w") as archive:
        for replicate in sorted(sources):
            with PartReader(sources[replicate]) as source:
                for name in source.names(replicate):
                    _add(archive, f"{replicate:04d}/{name}.npy", source.raw(replicate, name), zipfile.ZIP_DEFLATED)


def _add(archive: zipfile.ZipFile, name: str, content: bytes, compression: int) -> None:
    entry = zipfile.ZipInfo(name, FIXED_DATE)
    entry.compress_type = compression
    entry.create_system = 3
    entry.external_attr = 0o644 << 16
    archive.writestr(entry, content, compresslevel=1 if compression == zipfile.ZIP_DEFLATED else None)


class PartReader:
    """Reads a part (or the file of one replicate) entry by entry; every entry's checksum is verified.

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

    def __enter__(self) -> PartReader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._archive.close()

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
        except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile, zlib.error, NotImplementedError) as error:
            raise self._corrupt(str(error)) from error

    def _corrupt(self, detail: str) -> CorruptPartError:
        return CorruptPartError(
            f"{self.path} is damaged ({detail})\n"
            "     move it away and run the same command again: only the replicates in it are simulated anew"
        )
