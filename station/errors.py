"""The tree of errors.

::

    StationError                    exit 1: the command failed
    ├── UsageError                  exit 2: the command line or the configuration is wrong
    │   └── ConfigError             names the file and the key
    ├── DatabaseError               the database refuses; a retry won't help
    │   ├── DatabaseBusyError       a retry may help
    │   └── ConflictError           another station was faster: read again and decide again
    │       └── DeadlockError       the whole transaction is lost: start again
    ├── StationInUseError           another process runs this station
    ├── ImportFailedError           names the file, line and column
    ├── DocumentWrongError          a submitted document has an invalid or unknown value
    ├── DocumentRefusedError        the current state of the document doesn't allow the change
    ├── DocumentChangedError        the document has changed since the client read it
    ├── UnitWrongError              a unit that the office names, or its new area, is unknown
    ├── UnitRefusedError            the unit is on an open document
    ├── PaperError                  no printer can print it
    ├── PrinterError                the printer is unreachable or refuses; a retry may help
    │   └── PrinterDoubtError       it may have printed: a retry may print twice
    └── PublishError                the receiver did not confirm; a retry may help
        └── PublishRefusedError     the receiver refuses: someone must look into it

Each message is one sentence for the person who reads it: what, which value, where, what to do.
"""

from __future__ import annotations


class StationError(Exception):
    """A command failed; the text is meant for people."""

    exit_code = 1


class UsageError(StationError):
    """The command line or a file it names is wrong."""

    exit_code = 2


class ConfigError(UsageError):
    """The configuration is wrong: the text names the file, the key and what is allowed."""


class DatabaseError(StationError):
    """The database refuses, and a retry won't help (disk full, read-only, not a database, too new)."""


class UpgradeNeededError(DatabaseError):
    """There is no database yet, or it has an older schema; ``scanstation db upgrade`` fixes both."""


class DatabaseBusyError(DatabaseError):
    """The database can't do it now, but may soon (locked by another process, server restarting)."""


class ConflictError(DatabaseError):
    """Another station changed the same data at the same time: decide again on the current data."""


class DeadlockError(ConflictError):
    """The server aborted the transaction in favour of another one: start again, with nothing locked."""


class StationInUseError(StationError):
    """Another process already runs this station."""


class ImportFailedError(StationError):
    """A CSV file is wrong: the text names the file, the line, the column and the reason."""


class DocumentWrongError(StationError):
    """A submitted document holds an invalid value or an unknown name: the text says which."""


class DocumentRefusedError(StationError):
    """The state of the document doesn't allow the change: it is final, or an omitted line has units."""


class DocumentChangedError(StationError):
    """The document has changed since the client read it: fetch it and look again."""


class UnitWrongError(StationError):
    """The office names a unit or an area that is unknown, or several units: the text says which."""


class UnitRefusedError(StationError):
    """The unit is on an open document, so the office can't change it."""


class PaperError(StationError):
    """It can't be printed: it doesn't fit, or the scanners here would read it as something else."""


class PrinterError(StationError):
    """The printer is unreachable or refuses the job; a retry may help."""


class PrinterDoubtError(PrinterError):
    """The label was sent but not confirmed: a retry might give two units the same label."""


class PublishError(StationError):
    """A receiver of history is unreachable or did not confirm a message; a retry may help."""

    retry_after_s: float = 0.0
    """How long the receiver asks us to wait."""


class PublishRefusedError(PublishError):
    """The receiver refuses, and will refuse again until someone changes something there or here."""
