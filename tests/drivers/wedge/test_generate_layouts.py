from __future__ import annotations

import ctypes
from importlib.resources import files
from typing import TYPE_CHECKING

import pytest

from drivers.wedge.generate_layouts import LIBRARY, XkbLayout, generate, written
from drivers.wedge.layouts import DATA, layout_data
from tests.conftest import NOTHING_SKIPPED

if TYPE_CHECKING:
    from drivers.wedge.layouts import LayoutData, LayoutTable

INSTALL = "needs libxkbcommon and xkb-data: apt install libxkbcommon0 xkb-data"


@pytest.fixture(scope="module")
def generated() -> LayoutData:
    try:
        ctypes.CDLL(LIBRARY)
        return generate()
    except (OSError, ValueError) as error:
        if NOTHING_SKIPPED:
            raise
        pytest.skip(f"{INSTALL} ({error})")


def test_the_stored_layouts_equal_the_generated_ones(generated: LayoutData) -> None:
    stored = layout_data()
    assert list(stored.layouts) == list(generated.layouts)
    if stored.xkb_data == generated.xkb_data:
        assert stored.layouts == generated.layouts
    # Another version of xkb's data may add characters, but ASCII stays the same.
    for name, table in stored.layouts.items():
        assert _ascii(table) == _ascii(generated.layouts[name])


def test_the_stored_file_has_the_generators_format() -> None:
    stored = files("drivers.wedge").joinpath(DATA).read_text()
    assert stored == written(layout_data())


def test_an_unknown_layout_is_an_error(generated: LayoutData, capfd: pytest.CaptureFixture[str]) -> None:
    assert generated.layouts
    with pytest.raises(ValueError, match=r"xkb has no layout us\(of-nowhere\)"):
        XkbLayout.named("us(of-nowhere)")
    capfd.readouterr()  # the library complains on its own


def _ascii(table: LayoutTable) -> dict[tuple[int, int], str]:
    return {
        (code, level): typed
        for code, levels in table.keys.items()
        for level, typed in enumerate(levels)
        if len(typed) == 1 and typed.isascii()
    }
