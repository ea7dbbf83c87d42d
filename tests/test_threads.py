"""What several threads need first at the same moment: each in a process of its own, as it may crash."""

from __future__ import annotations

import subprocess
import sys

import pytest

_RACE = """
import sys, threading
import msgspec
{imports}
sys.setswitchinterval(1e-6)
start = threading.Barrier(8)
def run():
    start.wait()
    {call}
threads = [threading.Thread(target=run) for _ in range(8)]
for each in threads: each.start()
for each in threads: each.join()
"""

_FORMAT = '{"gs1": "identifier", "house_format": [{"name": "own", "pattern": "(?P<serial>.+)"}]}'


@pytest.mark.parametrize("_time", range(5))
@pytest.mark.parametrize(
    ("imports", "call"),
    [
        ("from station.inputs.reader import label_settings", f"label_settings({_FORMAT}, ())"),
        ("from drivers.wedge.layouts import layout_data", "layout_data()"),
        (
            "from station.outputs.display.client import _answer",
            '_answer.decode(b\'{"tone":"good","rows":[],"question":null,"refused":"","messages":[]}\')',
        ),
    ],
    ids=["label settings", "layouts", "answers"],
)
def test_threads_that_need_a_type_first_at_the_same_moment_all_get_it(
    imports: str, call: str, _time: int
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _RACE.format(imports=imports, call=call)],
        check=False,
        capture_output=True,
        text=True,
    )

    assert (done.returncode, done.stderr) == (0, "")
