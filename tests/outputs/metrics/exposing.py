"""Reads a station's metrics."""

from __future__ import annotations

import http.client
import shutil
from typing import TYPE_CHECKING

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.conftest import NOTHING_SKIPPED

if TYPE_CHECKING:
    from collections.abc import Mapping

Samples = dict[tuple[str, tuple[str, ...]], float]
"""Values by the sample's name and its labels' values, in the order of the labels' names."""


def samples(text: str) -> Samples:
    return {
        (each.name, tuple(value for _, value in sorted(each.labels.items()))): each.value
        for family in text_string_to_metric_families(text)
        for each in family.samples
    }


def scraped(url: str, headers: Mapping[str, str] | None = None) -> tuple[int, str, str]:
    """Return status, content type and text of ``GET /metrics``."""
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=60)
    try:
        connection.request("GET", "/metrics", headers=dict(headers or {}))
        answer = connection.getresponse()
        return answer.status, answer.getheader("content-type", ""), answer.read().decode()
    finally:
        connection.close()


def scraped_samples(url: str) -> Samples:
    return samples(scraped(url)[2])


def program(name: str) -> str:
    """promtool, from Debian's package ``prometheus``."""
    found = shutil.which(name)
    if found is None:
        (pytest.fail if NOTHING_SKIPPED else pytest.skip)(f"{name} isn't installed: apt install prometheus")
    return str(found)
