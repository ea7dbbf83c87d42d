"""``doctor``, ``devices`` and ``support-bundle``: what is wrong, and what to do about it."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from station.cli import configuration, example, say
from station.cli.output import emit
from station.errors import ConfigError, StationError, UsageError
from station.i18n.messages import escape_unprintable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from segno import QRCode

    from station.config.settings import ScannerSettings
    from station.ops.doctor.machine import Finding


@click.command(epilog=example("scanstation doctor --scan left"))
@click.option(
    "--scan", "scanner", metavar="SCANNER", help="Show a test code, and check what this scanner sends."
)
@click.option(
    "--svg",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write the test code to a file, for printing.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON line per finding.")
@click.option("--root", default="/", type=click.Path(path_type=Path), hidden=True)
def doctor(scanner: str | None, svg: Path | None, root: Path, *, as_json: bool) -> None:
    """Check the station and say what to do.

    Checks the configuration, the scanners, their permissions and other users, the database, the display, the
    clock and the unit; it touches no device that a running station reads. With --scan, it shows a test code:
    a scan of it shows the keyboard layout, the terminator, and whether GS and AIM identifiers arrive.
    Exits with 1 when something is wrong.
    """
    if svg is not None:
        _save(svg)
        if scanner is None:
            return
    is_wrong = _show(_scan_test(scanner) if scanner else _diagnosis(root), as_json=as_json)
    if is_wrong:
        sys.exit(1)


def _diagnosis(root: Path) -> Iterable[Finding]:
    from station.ops.doctor.diagnosis import diagnosis  # noqa: PLC0415 - for fast help
    from station.ops.doctor.machine import Machine  # noqa: PLC0415

    return diagnosis(configuration, Machine(root))


def _scan_test(name: str) -> Iterable[Finding]:
    from drivers import driver_class  # noqa: PLC0415 - for fast help
    from drivers.base import DeviceBusyError, DriverError  # noqa: PLC0415
    from station.ops.doctor.scan_test import judge, one_scan  # noqa: PLC0415

    settings = _configured(name)
    try:
        driver = driver_class(settings.driver).from_options(_options(settings))
        driver.open()
        try:
            _show_code(name)
            return list(judge(settings, one_scan(driver), driver.learnt()))
        finally:
            driver.close()
    except DeviceBusyError as error:
        raise StationError(
            f"{name}: {error}; if the station uses it, stop the station for the test"
        ) from error
    except DriverError as error:
        raise StationError(f"{name}: {error}") from error


def _configured(name: str) -> ScannerSettings:
    scanners = configuration().scanner
    for settings in scanners:
        if settings.name == name:
            return settings
    known = ", ".join(settings.name for settings in scanners) or "none"
    raise UsageError(f'no scanner is named "{name}"; configured are: {known}')


def _options(settings: ScannerSettings) -> dict[str, object]:
    import msgspec  # noqa: PLC0415 - for fast help

    options: dict[str, object] = msgspec.to_builtins(settings)
    return options


def _show_code(name: str) -> None:
    drawn = io.StringIO()
    _code().terminal(drawn, compact=True)
    for line in drawn.getvalue().splitlines():
        # White on black, whatever the terminal's colours: many scanners can't read an inverted code.
        click.secho(line, fg="bright_white", bg="black", err=True)
    say(
        f"{name}: scan this code (scanstation doctor --svg FILE writes it for printing; for a scanner that "
        f"can't read QR codes, print {escape_unprintable(_text())} as Code 128, where \\u001D is the "
        "character GS); Ctrl-C ends"
    )


def _save(path: Path) -> None:
    _code().save(str(path), kind="svg", scale=8)
    say(f"{path}: the test code, a QR code of {_text()}")


def _code() -> QRCode:
    import segno  # noqa: PLC0415 - for fast help

    return segno.make_qr(_text(), error="m")


def _text() -> str:
    from drivers.wedge.layout_check import TEST_TEXT  # noqa: PLC0415 - for fast help

    return TEST_TEXT


def _show(findings: Iterable[Finding], *, as_json: bool) -> bool:
    """Print findings as they come; return whether something is wrong."""
    is_wrong = False
    for finding in findings:
        is_wrong = is_wrong or finding.state == "wrong"
        if as_json:
            emit(finding)
            continue
        for line in finding.lines():
            click.echo(escape_unprintable(line))
    return is_wrong


@click.command(epilog=example("scanstation devices >> config.toml"))
@click.option("--json", "as_json", is_flag=True, help="One JSON line per device.")
@click.option("--root", default="/", type=click.Path(path_type=Path), hidden=True)
def devices(root: Path, *, as_json: bool) -> None:
    """Show the scanners that are plugged in.

    Prints a [[scanner]] table for each scanner, ready to be appended to the configuration. Devices that may
    be something else (an ordinary keyboard) are printed as comments.
    """
    from station.inputs.scanner_table import offers  # noqa: PLC0415 - for fast help

    try:
        configured = configuration().scanner
    except ConfigError as error:
        # This command helps to correct the configuration.
        say(f"scanstation: {error}; devices are listed as if none were configured")
        configured = ()
    found = offers(configured, root)
    if as_json:
        for offer in found:
            emit(offer)
    elif found:
        click.echo("\n\n".join(offer.text() for offer in found))
    if not found:
        say("no scanner, keyboard or serial port is plugged in; plug in a scanner and try again")


_SCANS = (
    "the bundle contains scanned data: the last frames of each scanner, and label texts and serial numbers "
    "in the log and the state; --no-scans leaves them out"
)


@click.command("support-bundle", epilog=example("scanstation support-bundle -o bundle.tar.gz"))
@click.option(
    "-o",
    "output",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The file to write; else one in this directory, named by station and time.",
)
@click.option("--no-scans", is_flag=True, help="Leave out frames, label texts and serial numbers.")
def support_bundle(output: Path | None, *, no_scans: bool) -> None:
    """Collect what a maintainer asks for, without secrets.

    Configuration, versions, findings of the doctor, devices, the last log, the unit, the state of the running
    station, the database's size and health, and the last frames of each scanner in hex. Its MANIFEST.txt
    describes each file, and lists what is missing; root can collect more. If the station requires a token, it
    is taken from SCANSTATION_TOKEN; frames need the scope admin.
    """
    from station.ops.support.archive import (  # noqa: PLC0415
        MANIFEST,
        default_name,
        packed,
        require_new,
        write,
    )
    from station.ops.support.bundle import bundle_request, collected  # noqa: PLC0415
    from station.ops.support.part import File, Missing  # noqa: PLC0415
    from station.source import now  # noqa: PLC0415 - for fast help

    request, at = bundle_request(click.get_current_context().obj, with_scans=not no_scans), now()
    path = output or Path(default_name(request, at))
    require_new(path)
    if not no_scans:
        say(_SCANS)
    found = collected(request)
    write(path, packed(found, request, at))
    say(f"{path}: {sum(isinstance(each, File) for each in found)} files")
    if missing := [each.name for each in found if isinstance(each, Missing)]:
        say(f"not in it: {', '.join(missing)}; {MANIFEST} says why")
