"""``support-bundle``: what a maintainer asks for, in one file."""

from __future__ import annotations

from pathlib import Path

import click

from station.cli import example, say

_SCANS = (
    "the bundle holds what was scanned: the last frames of each scanner, and label texts and serial numbers "
    "in the log and the state; --no-scans leaves them out"
)


@click.command("support-bundle", epilog=example("scanstation support-bundle -o bundle.tar.gz"))
@click.option(
    "-o",
    "output",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The file to make; else one in this directory, named by station and time.",
)
@click.option("--no-scans", is_flag=True, help="Leave out frames, label texts and serial numbers.")
def support_bundle(output: Path | None, *, no_scans: bool) -> None:
    """Collect what a maintainer asks for, without secrets.

    Configuration, versions, findings of the doctor, devices, the last log, the unit, the state of the running
    station, the database's size and health, and the last frames of each scanner in hex. MANIFEST.txt in it
    says what each file is, and what could not be had; as root more of it can. A station that wants a token is
    shown it from SCANSTATION_TOKEN; frames need the scope admin.
    """
    from station.stamping import now  # noqa: PLC0415 - help comes at once
    from station.support.archive import MANIFEST, default_name, packed, require_new, write  # noqa: PLC0415
    from station.support.bundle import asked_for, collected  # noqa: PLC0415
    from station.support.part import File, Missing  # noqa: PLC0415

    asked, at = asked_for(click.get_current_context().obj, with_scans=not no_scans), now()
    path = output or Path(default_name(asked, at))
    require_new(path)
    if not no_scans:
        say(_SCANS)
    found = collected(asked)
    write(path, packed(found, asked, at))
    say(f"{path}: {sum(isinstance(each, File) for each in found)} files")
    if missing := [each.name for each in found if isinstance(each, Missing)]:
        say(f"not in it: {', '.join(missing)}; {MANIFEST} says why")
