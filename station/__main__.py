"""``python -m station`` and the command ``scanstation``."""

from __future__ import annotations

from station.cli import main

if __name__ == "__main__":
    main()
