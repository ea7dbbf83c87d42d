"""The command line: one module per command group, without logic of its own.

Results go to standard output, messages to standard error. Exit 0: done; 1: the command failed;
2: the command line or the configuration is wrong.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from station.errors import StationError
from station.i18n.messages import escape_unprintable

if TYPE_CHECKING:
    from station.config.schema import Config


class LazyGroup(click.Group):
    """A group whose commands are named ``module:function``."""

    def __init__(self, *args: Any, commands_at: dict[str, str] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._commands_at = commands_at or {}

    def list_commands(self, _ctx: click.Context) -> list[str]:
        """Return the names in the order of definition."""
        return list(self._commands_at)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return the command."""
        location = self._commands_at.get(cmd_name)
        if location is None:
            return super().get_command(ctx, cmd_name)
        module, _, name = location.partition(":")
        command: click.Command = getattr(import_module(module), name)
        return command


COMMANDS = {
    "demo": "station.cli.demo:demo",
    "run": "station.cli.run:run",
    "decode": "station.cli.recordings:decode",
    "replay": "station.cli.replay:replay",
    "record": "station.cli.recordings:record",
    "listen": "station.cli.recordings:listen",
    "import": "station.cli.importing:import_",
    "export": "station.cli.memo:export",
    "memo": "station.cli.memo:memo",
    "unit": "station.cli.unit:unit",
    "history": "station.cli.memo:history",
    "sheet": "station.cli.paper:sheet",
    "label": "station.cli.paper:label",
    "commands": "station.cli.paper:commands",
    "explain": "station.cli.explain:explain",
    "devices": "station.cli.doctor:devices",
    "doctor": "station.cli.doctor:doctor",
    "watch": "station.cli.watch:watch",
    "token": "station.cli.token:token",
    "config": "station.cli.config:config",
    "db": "station.cli.db:db",
    "support-bundle": "station.cli.doctor:support_bundle",
    "completion": "station.cli.config:completion",
}


@click.group(
    cls=LazyGroup,
    commands_at=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Example:  scanstation demo",
)
@click.option(
    "--config",
    "config_path",
    type=click.Path(path_type=Path),
    help="Configuration file; else SCANSTATION_CONFIG, else /etc/scanstation/config.toml, else defaults.",
)
@click.version_option(package_name="scanstation")
@click.pass_context
def cli(context: click.Context, config_path: Path | None) -> None:
    """Scanning station: attaches scanned serial numbers to the open credit memo."""
    context.obj = config_path


def configuration() -> Config:
    """Load the configuration that the command line names.

    Raises:
        ConfigError: it is wrong.
    """
    from station.config.loading import load  # noqa: PLC0415 - help and completion don't need it

    return load(click.get_current_context().obj)


def say(message: str) -> None:
    """Print a message for a person on standard error."""
    click.echo(escape_unprintable(message), err=True)


def fail(message: str, code: int = 1) -> NoReturn:
    """Print what failed, in one sentence, and exit."""
    say(f"scanstation: {message}")
    sys.exit(code)


def main() -> None:
    """Run the command line; a user's mistake is a sentence, never a traceback."""
    try:
        cli.main(standalone_mode=False, prog_name="scanstation")
    except StationError as error:
        fail(str(error), error.exit_code)
    except click.exceptions.Exit as stop:
        sys.exit(stop.exit_code)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        sys.exit(2)
    except click.UsageError as error:
        hint = f"; see {error.ctx.command_path} --help" if error.ctx else ""
        fail(error.format_message().rstrip(".") + hint, 2)
    except click.ClickException as error:
        fail(error.format_message(), 1)
    except (KeyboardInterrupt, click.Abort):
        sys.exit(130)
    except BrokenPipeError:
        # The reader went away (`| head`): write nothing more, not even when the interpreter exits.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except OSError as error:
        fail(f"{error.filename or 'standard output'}: {error.strerror}")


def example(line: str) -> str:
    """Return an example for the end of a command's help."""
    return f"Example:  {line}"
