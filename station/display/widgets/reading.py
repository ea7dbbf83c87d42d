"""How the label that was scanned last was read, step by step: IT's first question, answered at the dock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from station.display.outlook import clock_time
from station.display.widgets.listing import Column, Listing, Row

if TYPE_CHECKING:
    from station.display.state import DisplayState, LabelShown
    from station.languages.language import Language


class ReadingTable(Listing):
    """In place of the document's lines and the history, while it is asked for."""

    DEFAULT_CSS = "ReadingTable { height: 1fr; display: none; }"

    def __init__(self, language: Language) -> None:
        _ = language.text
        super().__init__(
            (Column(_("Last label"), 22, share=1), Column(_("Found"), 40, share=4)), id="reading"
        )
        self._language = language

    def show_label(self, state: DisplayState) -> None:
        """Show the newest label's steps."""
        _ = self._language.text
        nothing = Row(("", _("Nothing was scanned yet")))
        self.show(_rows(state.label, self._language) if state.label else [nothing])


def _rows(label: LabelShown, language: Language) -> list[Row]:
    _ = language.text
    scanned = _("Scanned {time} by {scanner}", time=clock_time(label.at), scanner=label.scanner)
    steps = [Row((step.step, step.found)) for step in label.steps[:-1]]
    last = [Row((step.step, step.found), "bold") for step in label.steps[-1:]]
    return [Row((scanned, label.text or ""), "bold"), *steps, *last]
