"""Refuse the network to every Python process that starts with this folder on its path; tell of each attempt."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path


def _refuse(event: str, arguments: tuple[object, ...]) -> None:
    local = event in ("socket.connect", "socket.bind") and getattr(arguments[0], "family", None) == socket.AF_UNIX
    if event in ("socket.connect", "socket.bind", "socket.getaddrinfo", "socket.gethostbyname") and not local:
        with Path(os.environ["ATTACK_NETWORK_LOG"]).open("a", encoding="utf-8") as log:
            log.write(f"{event} {arguments[1:]}\n")
        raise OSError(f"no network: {event}")


sys.addaudithook(_refuse)
