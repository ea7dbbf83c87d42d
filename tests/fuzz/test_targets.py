"""The fuzzer's targets with random bytes, so that they work when somebody fuzzes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fuzz.targets import TARGETS


@pytest.mark.parametrize("name", TARGETS)
@given(st.binary(max_size=400))
def test_no_parser_fails_on_random_bytes(name: str, data: bytes) -> None:
    TARGETS[name](data)
