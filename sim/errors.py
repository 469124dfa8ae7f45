"""Errors a user can act on. The command line prints them without a traceback and ends with exit code 2."""

from __future__ import annotations


class UserError(Exception):
    """Something the user gave cannot be used; the text says what is wrong and the way out."""
