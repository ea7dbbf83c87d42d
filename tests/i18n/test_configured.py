"""The configured language: on paper, and of the terminal display in a real terminal."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.cli.test_commands import Terminal
from tests.conftest import NOTHING_SKIPPED
from tests.outputs.paper.reading_back import words_of
from tests.running import COMMAND, Workplace

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def workplace(tmp_path: Path) -> Workplace:
    place = Workplace(tmp_path)
    place.configure(display='language = "de"')
    return place


def test_paper_is_in_the_configured_language_unless_another_is_chosen(workplace: Workplace) -> None:
    workplace.run("sheet", "-o", "german.pdf")
    workplace.run("sheet", "--language", "fr", "-o", "french.pdf")
    german, french = (
        words_of(workplace.directory.joinpath(f"{name}.pdf").read_bytes()) for name in ("german", "french")
    )
    assert "Befehle: Strichcodes" in german
    assert "Commandes : codes-barres" in french


@pytest.mark.skipif(
    shutil.which("tmux") is None and not NOTHING_SKIPPED, reason="tmux isn't installed: apt install tmux"
)
def test_the_terminal_display_is_in_the_configured_language_unless_another_is_chosen(
    workplace: Workplace,
) -> None:
    workplace.import_sample()
    terminal = Terminal(workplace.directory / "tmux")
    with workplace.daemon():
        terminal.tmux(
            *("new-session", "-d", "-x", "100", "-y", "30"),
            f"{COMMAND} watch; {COMMAND} watch --language es; sleep 600",
            env=workplace.environment({"TERM": "xterm-256color", "LC_ALL": "C.UTF-8"}),
        )
        try:
            terminal.shows("Kein Beleg offen", "F9 Schließen", "kein Bediener, dock-1")
            terminal.type("CM-1001")
            terminal.shows("CM-1001 ist offen")
            terminal.type("XR-99999")
            terminal.shows("unbekannte Seriennummer", "Abgelehnt 1")
            terminal.tmux("send-keys", "C-q")
            terminal.shows("número de serie desconocido", "Rechazado 1", "F9 Cerrar")
        finally:
            terminal.tmux("kill-server")
