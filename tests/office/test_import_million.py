from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.full
@pytest.mark.timeout(600)
def test_a_million_serial_numbers_are_imported_with_little_memory() -> None:
    done = subprocess.run(
        [sys.executable, "tests/bench/import_million.py", "1000000", "--shuffled"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    found = re.search(r"import +1,000,000 rows .* peak (\d+) MB", done.stdout)
    assert found is not None, done.stdout
    assert int(found[1]) < 300
