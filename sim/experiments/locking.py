"""One process at a time may write to a run's folder. The system drops the lock when a process dies."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import IO, TYPE_CHECKING

from sim.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextlib.contextmanager
def locked(path: Path, what: str) -> Iterator[None]:
    """Hold the lock file ``path``; the file itself stays, empty or with the number of its last holder.

    Raises
    ------
    UserError
        If another process holds it, or it cannot be made.
    """
    try:
        stream = path.open("a+b")
    except OSError as error:
        raise UserError(f"cannot write to {what}: {error.strerror or error}; choose another --out") from error
    with stream:
        try:
            _take(stream)
        except OSError as error:
            raise UserError(
                f"another countysim{_holder(path)} is writing to {what}\n"
                "     wait for it, or stop it; then give the same command again"
            ) from error
        stream.seek(0)
        stream.truncate()
        stream.write(str(os.getpid()).encode())
        stream.flush()
        try:
            yield
        finally:
            stream.seek(0)
            stream.truncate()
            _release(stream)


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
