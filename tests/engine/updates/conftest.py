"""A program of version 1.2.0, and a release of whoever makes it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from signed_lists import Release

from engine import about


@pytest.fixture(autouse=True)
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(about, "version", lambda: "1.2.0")


@pytest.fixture
def release(monkeypatch: pytest.MonkeyPatch) -> Iterator[Release]:
    with Release() as served:
        served.trust(monkeypatch)
        yield served
