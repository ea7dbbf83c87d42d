from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.config.settings import LabelPrinterSettings
from station.errors import ConfigError, PrinterDoubtError, PrinterError
from station.outputs.paper.senders import file_name, sender_for
from tests.outputs.paper.printers import PATIENCE_S, free_port, lp_that, port_printer
from tests.running import wait_until

JOB = b"^XA^XZ\x00\xff" * 50
TITLE = "Label SN-1; touch /tmp/x `id` $(id) 'quoted'"


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory whose programs come first."""
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    return tmp_path / "bin"


def _queue(form: str = "zpl") -> LabelPrinterSettings:
    return LabelPrinterSettings(kind="queue", queue="zebra-1", format=form)  # type: ignore[arg-type]


def _is_running(process: int) -> bool:
    """Return whether a process runs; a dead one may stay in the list until its parent reaps it."""
    try:
        return Path(f"/proc/{process}/stat").read_text().split()[2] != "Z"
    except OSError:
        return False


# Queue


@pytest.mark.parametrize(
    ("form", "options"),
    [("zpl", ["-o", "raw"]), ("pdf", ["-o", "media=Custom.57x32mm", "-o", "print-scaling=none"])],
)
def test_a_queue_gets_the_label_from_lp_with_each_argument_as_it_is(
    tmp_path: Path, programs: Path, form: str, options: list[str]
) -> None:
    lp_that(programs, f'printf "%s\\n" "$@" > {tmp_path}/arguments; cat > {tmp_path}/job; echo request 1')
    sender_for(_queue(form)).send(JOB, TITLE, PATIENCE_S)
    arguments = (tmp_path / "arguments").read_text().splitlines()
    assert arguments == ["-d", "zebra-1", "-t", TITLE, *options, "-"]
    assert (tmp_path / "job").read_bytes() == JOB


def test_a_refusal_of_the_queue_quotes_lp(programs: Path) -> None:
    lp_that(programs, "printf 'lp: The printer or class does not \\033[1mexist.' >&2; exit 1")
    with pytest.raises(PrinterError, match=r'queue "zebra-1" refused the label: lp: .*\\u001B\[1mexist'):
        sender_for(_queue()).send(JOB, TITLE, PATIENCE_S)


def test_a_hung_lp_is_killed_with_its_children(tmp_path: Path, programs: Path) -> None:
    lp_that(programs, f"sleep 600 & echo $! > {tmp_path}/child; wait")
    with pytest.raises(PrinterDoubtError, match="did not answer"):
        sender_for(_queue()).send(JOB, TITLE, 1.0)
    child = int((tmp_path / "child").read_text())
    # Killed with its parent, though it may take the kernel a moment.
    wait_until(lambda: not _is_running(child), f"the end of {child}")


def test_without_lp_the_package_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(PrinterError, match=r"lp can't be started .*install cups-client"):
        sender_for(_queue()).send(JOB, TITLE, PATIENCE_S)


# Socket


def _port(address: str) -> LabelPrinterSettings:
    return LabelPrinterSettings(kind="socket", address=address, format="zpl")


def test_a_printers_port_gets_the_whole_label_and_its_end() -> None:
    with port_printer() as printer:
        sender_for(_port(printer.address)).send(JOB, TITLE, PATIENCE_S)
        assert printer.jobs.get(timeout=PATIENCE_S) == JOB


def test_an_unreachable_printer_may_be_tried_again() -> None:
    port = free_port()
    with pytest.raises(PrinterError, match=f"printer at 127.0.0.1:{port} can't be reached: ") as refused:
        sender_for(_port(f"127.0.0.1:{port}")).send(JOB, TITLE, PATIENCE_S)
    assert not isinstance(refused.value, PrinterDoubtError)


def test_an_unknown_host_is_named() -> None:
    with pytest.raises(PrinterError, match=r"printer at no-such-printer\.invalid:9100 can't be reached"):
        sender_for(_port("no-such-printer.invalid:9100")).send(JOB, TITLE, PATIENCE_S)


def test_a_printer_that_never_confirms_leaves_the_label_in_doubt() -> None:
    with port_printer("hangs") as printer, pytest.raises(PrinterDoubtError, match="no answer in time"):
        sender_for(_port(printer.address)).send(JOB, TITLE, 0.5)


def test_a_printer_that_breaks_off_is_an_error() -> None:
    with port_printer("breaks off") as printer, pytest.raises(PrinterError, match=printer.address):
        sender_for(_port(printer.address)).send(JOB * 20_000, TITLE, PATIENCE_S)


# File


def test_a_label_appears_in_the_directory_whole_and_alone(tmp_path: Path) -> None:
    sender = sender_for(LabelPrinterSettings(kind="file", directory=str(tmp_path), format="zpl"))
    sender.send(JOB, "Label SN/1", PATIENCE_S)
    sender.send(JOB, "Label SN/1", PATIENCE_S)
    assert [path.name for path in tmp_path.iterdir()] == ["Label_SN%2F1.zpl"]
    assert (tmp_path / "Label_SN%2F1.zpl").read_bytes() == JOB


def test_a_missing_directory_is_named(tmp_path: Path) -> None:
    sender = sender_for(LabelPrinterSettings(kind="file", directory=str(tmp_path / "no"), format="zpl"))
    with pytest.raises(PrinterError, match=r'label_printer.directory = ".*/no": No such file'):
        sender.send(JOB, TITLE, PATIENCE_S)


@given(st.text(max_size=200))
def test_no_serial_number_names_another_directory(serial: str) -> None:
    name = file_name(f"Label {serial}")
    assert name.isascii()
    assert name.isprintable()
    assert "/" not in name
    assert len(name) < 150


def test_long_serial_numbers_have_their_own_files() -> None:
    assert file_name("x" * 200) != file_name("x" * 200 + "y")


def test_without_a_printer_the_setting_is_named() -> None:
    with pytest.raises(ConfigError, match=r"set label_printer\.kind to"):
        sender_for(LabelPrinterSettings())
