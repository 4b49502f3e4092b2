"""A newer version by a real worker, from a real server on loopback: looked for, shown, fetched."""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot
from signed_lists import CONTENT, Release, listed

from app.about.updates import Phase, Updates
from app.about.updates_panel import UpdatesPanel
from app.background import Background
from app.engine_client import EngineClient
from app.settings.options import Options
from engine.settings import Settings

ROOT = Path(__file__).resolve().parents[3]

# Where Python looks before the worker's own modules: a build that holds this key.
_BUILD = """
import json
from engine.updates import addresses
addresses.shipped = lambda: json.loads({shipped!r})
"""


def test_it_is_looked_for_shown_and_fetched(
    qtbot: QtBot, tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Release() as release:
        key = base64.b64encode(release.key.public_key().public_bytes_raw()).decode()
        shipped = json.dumps({"address": release.address, "keys": [key]})
        (tmp_path / "sitecustomize.py").write_text(_BUILD.format(shipped=shipped))
        monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), str(ROOT)]))
        client, background = EngineClient(), Background()
        updates = Updates(client, Options(Settings(), background))
        panel = UpdatesPanel(updates)
        qtbot.add_widget(panel)
        panel.show()

        release.publish(listed(release.package()))
        panel.look_button.click()
        qtbot.wait_until(lambda: updates.phase is Phase.TOLD, timeout=60_000)
        assert "9.0.0" in panel.says.text()
        (button,) = panel.package_buttons()
        button.click()
        qtbot.wait_until(lambda: updates.phase is Phase.HERE, timeout=60_000)
        assert Path(updates.path).read_bytes() == CONTENT
        assert Path(updates.path).parent == home / "updates"

        release.pages["/list"] = release.pages["/list"].replace(b"9.0.0", b"9.9.9")
        panel.look_button.click()
        qtbot.wait_until(lambda: updates.phase is Phase.FAILED, timeout=60_000)
        assert "nothing of it is believed" in panel.says.text()
        assert panel.package_buttons() == []
        client.close()
        background.close()
