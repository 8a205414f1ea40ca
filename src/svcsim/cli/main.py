"""The command ``svcsim``: finds verbs by name, turns errors into words and an exit code."""

from __future__ import annotations

import importlib
import os
import sys
import tempfile
import traceback
from typing import Any

import click

from svcsim import __version__
from svcsim.errors import InputError, SvcsimError, nearest

VERBS = {
    "demo": "The whole road on the embedded sample history.",
    "check": "Read an export: what was used, what was set aside and why.",
    "measure": "KPIs by group and period, each with n and interval.",
    "calibrate": "Fit a baseline from history, with uncertainty and a fidelity verdict.",
    "validate": "Fidelity of a baseline on another period.",
    "simulate": "KPI distributions of one scenario.",
    "propose": "Staged targets and weights, each with the probability of meeting it.",
    "score": "Score agents and teams for a real period.",
    "report": "Render a results folder again.",
    "list": "What there is: metrics, presets, columns, paths, cards.",
    "schema": "JSON Schemas of the YAML files, for editors.",
    "doctor": "Environment, versions, glyphs, holiday tables.",
}


READER_LEFT = 141
"""As a shell tool that ends by SIGPIPE; results are whole by then, for verbs print last."""


class Verbs(click.Group):
    """Loads the module of a verb only when it is used, so that ``--help`` stays quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the verbs in the order of the road."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the module of a verb."""
        if cmd_name not in VERBS:
            return None
        module = importlib.import_module(f"svcsim.cli.{cmd_name}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the verbs without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(VERBS.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Name the nearest verb when one is unknown."""
        if args and args[0] not in VERBS and not args[0].startswith("-"):
            hint = nearest(args[0], VERBS)
            message = f"No such command '{args[0]}'. {hint}".rstrip()
            raise click.UsageError(message, ctx)
        return super().resolve_command(ctx, args)


@click.group(
    cls=Verbs,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Example: svcsim demo -o results/demo",
)
@click.version_option(__version__, prog_name="svcsim")
def cli() -> None:
    """Realistic KPI targets for support teams, from a calibrated simulation of the desk."""


def main(argv: list[str] | None = None) -> None:
    """Run the command line and leave with the contract's exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    sys.exit(run(argv))


def run(argv: list[str] | None = None) -> int:
    """Run one command and return its exit code: 0, 1, 2, 3, 4, 130 or 141."""
    try:
        result: Any = cli.main(args=argv, prog_name="svcsim", standalone_mode=False)
    except SystemExit:  # click's answer to a reader of stdout that has left, such as `head`
        from svcsim.cli.output import let_go

        let_go(sys.__stdout__ or sys.stdout)
        return READER_LEFT
    except click.exceptions.Exit as error:
        return error.exit_code
    except click.ClickException as error:
        error.show()
        return 2
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted; what was finished is kept, the same command goes on", err=True)
        return 130
    except InputError as error:
        for finding in error.findings:
            click.echo(f"error: {finding}", err=True)
        return error.exit_code
    except SvcsimError as error:
        click.echo(f"error: {error}", err=True)
        return error.exit_code
    except OSError as error:
        place = error.filename or "a file or folder"
        reason = error.strerror or str(error)
        click.echo(f"error: {place}  cannot be read or written: {reason}", err=True)
        return 2
    except Exception:
        return _fault()
    return result if isinstance(result, int) else 0


def _fault() -> int:
    """Write the traceback of an unexpected fault to a file and ask for a report."""
    with tempfile.NamedTemporaryFile(
        "w", prefix="svcsim-fault-", suffix=".txt", delete=False, encoding="utf-8"
    ) as file:
        file.write(f"svcsim {__version__} {sys.argv[1:]}\n{traceback.format_exc()}")
    click.echo(
        f"error: an unexpected fault of svcsim ({sys.exc_info()[1]!r}). Please report it with "
        f"the file {file.name}",
        err=True,
    )
    if os.environ.get("SVCSIM_DEBUG"):
        traceback.print_exc()
    return 1
