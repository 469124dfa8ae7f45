"""The command ``countysim``: gathers the commands, and turns mistakes into plain lines and exit codes.

Exit codes: 0 done, 1 something failed that should not, 2 the user can put it right, 130 stopped from the keyboard.
"""

from __future__ import annotations

import atexit
import codecs
import contextlib
import errno
import gc
import os
import sys
from collections.abc import Callable
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from sim import versions, workspace
from sim.cli import calibrate, compare, demo, doctor, facts, place, plot, run, scenario, sensitivity
from sim.cli.common import PAGES, add, printable
from sim.errors import UserError

SECTIONS: dict[str, list[str]] = PAGES["countysim"]["sections"]
"""Order of the commands in ``countysim --help``; a command named nowhere comes last, under "More"."""


FULL = frozenset((errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS))
"""Errors of a disk that takes no more, which the system tells without the name of a file."""


class Commands(TyperGroup):
    """The commands in sections; a ``UserError``, or a file the system refuses, ends with its text and exit code 2."""

    def invoke(self, ctx: Any) -> Any:
        """Run the chosen command."""
        try:
            return super().invoke(ctx)
        except UserError as error:
            print(printable(str(error)), file=sys.stderr)
            raise typer.Exit(2) from error
        except BrokenPipeError:
            raise
        except OSError as error:
            if error.filename is None and error.errno not in FULL:
                raise
            where = f" {error.filename}" if error.filename is not None else ""
            print(printable(f"cannot read or write{where}: {error.strerror}"), file=sys.stderr)
            raise typer.Exit(2) from error
        except KeyboardInterrupt as interrupt:
            print(printable(str(interrupt)) or "stopped", file=sys.stderr)
            raise typer.Exit(130) from None

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the list of commands section by section."""
        known = {name: command for name in self.list_commands(ctx) if (command := self.get_command(ctx, name))}
        shown = {name: command for name, command in known.items() if not command.hidden}
        placed = {name for names in SECTIONS.values() for name in names}
        rest = tuple(name for name in shown if name not in placed)
        width = max((len(name) for name in shown), default=0)
        for title, names in (*SECTIONS.items(), ("More", rest)):
            rows = [(name.ljust(width), shown[name].get_short_help_str(limit=300)) for name in names if name in shown]
            if rows:
                with formatter.section(title):
                    formatter.write_dl(rows)


def _version(asked: bool) -> None:
    if asked:
        print(f"countysim {versions.__version__} (model {versions.MODEL_VERSION})")
        raise typer.Exit


app = typer.Typer(
    name="countysim",
    cls=Commands,
    help=PAGES["countysim"]["help"],
    epilog=PAGES["countysim"]["epilog"],
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["--help", "-h"], "max_content_width": 100},
)


@app.callback(invoke_without_command=True)
def countysim(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Print the help when no command is named."""
    if context.invoked_subcommand is None:
        print(context.get_help())
    if workspace.folders("policies"):
        # What they record can be named on the command line. Read only where there are any, as it takes its time.
        from sim.policies.registry import PolicyFolderError, policy_types

        with contextlib.suppress(PolicyFolderError):  # told by whoever needs them
            policy_types()


COMMANDS: dict[str, Callable[..., None]] = {
    "demo": demo.demo, "doctor": doctor.doctor, "new": demo.new, "run": run.run, "compare": compare.compare,
    "why": compare.why, "explain": compare.explain, "dose": compare.dose, "export": compare.export,
    "facts": facts.facts, "fit": calibrate.fit, "calibrate": calibrate.calibrate, "validate": calibrate.validate,
    "response": sensitivity.response, "sensitivity": sensitivity.sensitivity, "place list": place.list_places,
    "place show": place.show, "place check": place.check, "place new": place.new, "list": scenario.list_everything,
    "scenario list": scenario.list_scenarios, "scenario check": scenario.check, "scenario show": scenario.show,
    "scenario diff": scenario.difference, "scenario new": scenario.new, "scenario fix-encoding": scenario.repair,
    "scenario terms": scenario.terms, "scenario schema": scenario.schema, "plot fan": plot.fan, "plot diff": plot.diff,
    "plot value": plot.value, "plot timeline": plot.timeline, "plot funnel": plot.funnel, "plot tornado": plot.tornado,
    "plot all": plot.everything,
}  # fmt: skip
"""Every command by the words that call it; their help is in ``commands.toml``."""


def _gather() -> None:
    groups = {"": app}
    for path, command in COMMANDS.items():
        group = path.rpartition(" ")[0]
        if group not in groups:
            groups[group] = typer.Typer(help=PAGES[group]["help"], no_args_is_help=True, rich_markup_mode=None)
            app.add_typer(groups[group], name=group)
        add(groups[group], path, command)


_gather()


PLAIN_SIGNS = {
    "\u2212": "-", "\u2013": "-", "\u2014": "-", "…": "...", "²": "2", "≥": ">=", "≤": "<=", "≈": "~", "█": "#",
    "░": ".",
}  # fmt: skip


def plain_signs(error: UnicodeError) -> tuple[str, int]:
    """Replace what a console cannot show by a plain sign, or a question mark (an error handler for codecs)."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    unknown = error.object[error.start : error.end]
    return "".join(PLAIN_SIGNS.get(character, "?") for character in unknown), error.end


def _tolerate_any_console() -> None:
    """Let a console that cannot show a character (GBK, ASCII) print something plainer instead of failing."""
    codecs.register_error("countysim-plain", plain_signs)
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="countysim-plain")


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and end the process with its exit code.

    Parameters
    ----------
    arguments
        Words after ``countysim``; those of the process when None.
    """
    _tolerate_any_console()
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # it would read what every installed package offers
    # Python looks through every object again and again while it loads, and twice on its way out: a seventh of the time
    # of a small run. What is loaded stays; ``sim.experiments.engine`` clears a finished model away before the next.
    gc.set_threshold(200_000, 50, 1000)
    atexit.register(gc.freeze)
    try:
        app(arguments, prog_name="countysim")
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        raise SystemExit(130) from None
    except Exception as error:
        if os.environ.get("COUNTYSIM_DEBUG") == "1":
            raise
        message = " ".join(printable(str(error)).split())
        print(f"countysim failed: {type(error).__name__}: {message} (COUNTYSIM_DEBUG=1 shows where)", file=sys.stderr)
        raise SystemExit(1) from error


if __name__ == "__main__":
    main()
