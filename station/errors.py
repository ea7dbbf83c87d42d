"""What can go wrong, as one tree.

::

    StationError                    exit 1: the thing asked for failed
    ├── UsageError                  exit 2: the command line or the configuration is wrong
    │   └── ConfigError             names the file and the key
    ├── DatabaseError               the database won't do it, and won't by itself
    │   ├── DatabaseBusyError       a retry may cure it
    │   └── ConflictError           another station was faster: look again
    │       └── DeadlockError       the whole transaction is gone: begin anew
    ├── StationInUseError                another process runs this station
    ├── ImportFailedError                names the file, line and column
    ├── DocumentWrongError               a document that was sent names what can't be, or what there isn't
    ├── DocumentRefusedError             the document as it is doesn't allow it
    ├── DocumentChangedError             the document isn't as its sender knew it
    ├── PaperError                       it can't be printed, on no printer
    ├── PrinterError                     the printer won't; a retry may cure it
    │   └── PrinterDoubtError            it may have printed: a retry may print twice
    └── PublishError                     the receiver did not confirm; a retry may cure it
        └── PublishRefusedError          the receiver won't: somebody must look into it

Each message is one sentence for the person who meets it: what, which value, where, what to do.
"""

from __future__ import annotations


class StationError(Exception):
    """The thing asked for failed; the text is meant for people."""

    exit_code = 1


class UsageError(StationError):
    """The command line or a file it names is wrong."""

    exit_code = 2


class ConfigError(UsageError):
    """The configuration is wrong: the text names the file, the key and what is allowed."""


class DatabaseError(StationError):
    """The database refuses, and a retry won't help (disk full, read-only, not a database, too new)."""


class DatabaseBusyError(DatabaseError):
    """The database can't do it now but may do it soon (locked by another process, server restarting)."""


class ConflictError(DatabaseError):
    """Another station changed the same thing in the same moment: decide again on what is there now."""


class DeadlockError(ConflictError):
    """The server ended the transaction for another one's sake: begin anew, with nothing held."""


class StationInUseError(StationError):
    """Another process runs this station already."""


class ImportFailedError(StationError):
    """A CSV file is wrong: the text names the file, the line, the column and the reason."""


class DocumentWrongError(StationError):
    """A document that was sent holds what can't be, or names what there isn't: the text says which value."""


class DocumentRefusedError(StationError):
    """The document as it is doesn't allow the change: it is final, or units are on a line left out."""


class DocumentChangedError(StationError):
    """The document isn't as its sender knew it: fetch it and look again."""


class PaperError(StationError):
    """It can't be put on paper: it doesn't fit, or no scanner here would read it as what it is."""


class PrinterError(StationError):
    """The printer can't be reached, or does not take it; a retry may cure it."""


class PrinterDoubtError(PrinterError):
    """The label went out and nothing came back: a retry might give two units the same label."""


class PublishError(StationError):
    """A receiver of history can't be reached, or did not confirm what it was sent; a retry may do."""

    retry_after_s: float = 0.0
    """For how long the receiver asks to be left alone."""


class PublishRefusedError(PublishError):
    """The receiver says no: as long as nobody changes something there or here, it will say so again."""
