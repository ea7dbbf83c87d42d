"""Opening a page in the person's browser, where there is one."""

from __future__ import annotations

import os
import subprocess
import sys


def open_in_browser(url: str) -> bool:
    """Open it; a browser that draws in this terminal doesn't count, as the display is there.

    Returns:
        False: nobody could see it here.
    """
    if sys.platform != "darwin" and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return False
    # In a process of its own: browsers chatter on the terminal, and may outlive who started them.
    subprocess.Popen(  # noqa: S603 - our own interpreter, an address of our own
        [sys.executable, "-m", "webbrowser", "-n", url],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    return True
