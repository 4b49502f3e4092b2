"""Journeys with the helpers of the program that is tried; see tests/tried_program.py."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import tried_program

import app.engine_client
import app.workers
import engine.chat.templates


@pytest.fixture(scope="session", autouse=True)
def helpers() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        if tried_program.FROZEN:
            for module in (app.engine_client, app.workers, engine.chat.templates):
                patch.setattr(module, "helper_command", tried_program.helper_command)
        yield
