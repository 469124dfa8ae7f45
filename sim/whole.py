"""Files that are whole or absent, whatever happens while they are written."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from sim.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextlib.contextmanager
def whole_file(path: Path, advice: str = "") -> Iterator[Path]:
    """Give a temporary name to write to; what is there in the end is flushed to disk and renamed onto ``path``.

    Parameters
    ----------
    advice
        What to do when that is impossible: turns the system's error into a ``UserError``.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield part
        with part.open("rb+") as stream:
            os.fsync(stream.fileno())
        part.replace(path)
    except OSError as error:
        if not advice:
            raise
        raise UserError(f"cannot write {path}: {error.strerror or error}; {advice}") from error
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


def write_whole(path: Path, content: str | bytes, advice: str = "") -> Path:
    """Write bytes, or text as UTF-8, as ``whole_file`` does; return the path."""
    with whole_file(path, advice) as part:
        part.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
    return path
