from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.conftest import NOTHING_SKIPPED
from tests.outputs.publishers import broker as brokers
from tests.outputs.publishers.receiver import Receiver, receiving
from tests.running import Workplace

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as server:
        yield server


@pytest.fixture
def mosquitto() -> None:
    if brokers.PROGRAM is None and not NOTHING_SKIPPED:
        pytest.skip("mosquitto isn't installed: apt install mosquitto")


@pytest.fixture
def broker(tmp_path: Path, mosquitto: None) -> Iterator[brokers.Broker]:  # noqa: ARG001
    with brokers.broker(tmp_path) as running:
        yield running


@pytest.fixture
def company(tmp_path: Path) -> Workplace:
    """The sample company; tests write their own configuration."""
    place = Workplace(tmp_path)
    place.configure()
    place.import_sample()
    return place
