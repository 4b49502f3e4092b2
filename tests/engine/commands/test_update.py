"""`seedling update`: a newer version from the terminal, in a process of its own."""

from __future__ import annotations

import base64
import json
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from signed_lists import CONTENT, Release, listed

Seedling = Callable[..., subprocess.CompletedProcess[str]]

# Loaded before the command's own modules, where Python itself would look for it: a build that holds this key.
_BUILD = """
import json, sys
from engine.updates import addresses
addresses.shipped = lambda: json.loads({shipped!r})
"""


@pytest.fixture
def build(tmp_path: Path, home: Path) -> Iterator[tuple[Release, str]]:
    """A release, and the PYTHONPATH of a build that trusts it."""
    with Release() as release:
        key = base64.b64encode(release.key.public_key().public_bytes_raw()).decode()
        shipped = json.dumps({"address": release.address, "keys": [key]})
        folder = tmp_path / "build"
        folder.mkdir()
        (folder / "sitecustomize.py").write_text(_BUILD.format(shipped=shipped))
        yield release, os.pathsep.join([str(folder), os.environ.get("PYTHONPATH", os.getcwd())])


def test_without_an_address_it_says_what_to_do(seedling: Seedling) -> None:
    done = seedling("update", "check")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "seedling: No address is set at which newer versions are listed. Enter one in the settings, under Updates.\n"
    )


def test_it_is_looked_for_and_fetched(build: tuple[Release, str], seedling: Seedling, tmp_path: Path) -> None:
    release, path = build
    release.publish(listed(release.package()))
    done = seedling("update", "check", PYTHONPATH=path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Seedling 9.0.0 of" in done.stdout
    assert "- It is *nine* now." in done.stdout
    done = seedling("update", "download", "--to", tmp_path / "here", PYTHONPATH=path)
    assert (done.returncode, done.stderr) == (0, "")
    file = tmp_path / "here" / "seedling_9.0.0.tar.gz"
    assert done.stdout.splitlines()[0] == str(file)
    assert file.read_bytes() == CONTENT


def test_json_is_events_alone(build: tuple[Release, str], seedling: Seedling) -> None:
    release, path = build
    release.publish(listed(version="0.0.1"))
    done = seedling("update", "check", "--json", PYTHONPATH=path)
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert [event["event"] for event in events] == ["Started", "Finished"]
    assert events[-1]["stats"]["newer"] is False


def test_what_is_not_signed_is_refused_in_one_sentence(build: tuple[Release, str], seedling: Seedling) -> None:
    release, path = build
    release.pages["/list"] = b"<html>"
    done = seedling("update", "check", PYTHONPATH=path)
    assert (done.returncode, done.stdout) == (1, "")
    assert "nothing of it is believed" in done.stderr
    assert len(done.stderr.splitlines()) == 1
