"""A stranger installs Seedling where no Python is, chats, trains, exports, and takes it away again; with no network."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

from installed.bare_system import Person, System, base
from installed.conftest import Open, picture, replies

from engine import paths
from tools.virtual_screen import Keys, wait

RUN, EXPORTED = "/home/person/my run", "/home/person/grown.gguf"
KEYS = ["steps=20", "layers=2", "width=64", "heads=2", "vocabulary=400", "context=128", "batch_size=4", "seed=3"]
# What apt and dpkg keep for themselves, what holds a list of persons, and places outside the system.
STATE = re.compile(
    r"/(home|mnt|tmp|run|dev|sys|proc|var/(lib/(apt|dpkg|systemd)|cache|log|mail)|etc/(passwd|group|g?shadow|sub[ug]id)-?)"
    r"(/|$)"
)


def seedling(system: System, person: Person, *arguments: str) -> list[dict[str, Any]]:
    """The events of one command."""
    done = system.run(person, "seedling", *arguments, "--json")
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_there_is_no_network(system: System, person: Person) -> None:
    devices = system.run(person, "cat", "/proc/net/dev").stdout.splitlines()[2:]
    assert [line.split(":")[0].strip() for line in devices] == ["lo"]


def test_what_the_menu_starts_is_there(system: System) -> None:
    (entry,) = Path(system.place("usr/share/applications")).glob("*seedling*.desktop")
    (program,) = re.findall(r"^Exec=(\S+)", entry.read_text(), re.MULTILINE)
    assert system.administer("sh", "-c", f"command -v {program}").strip()
    icon = re.findall(r"^Icon=(\S+)", entry.read_text(), re.MULTILINE)[0]
    assert [path for path in system.files() if re.search(rf"/icons/.*/{re.escape(icon)}\.(png|svg)$", path)]


def test_the_window_chats_and_shows_its_pages(open_window: Open, system: System, person: Person, keys: Keys) -> None:
    window = open_window()
    window.wait_until_usable()
    picture(keys, "opened")
    keys.type("Tell me a story about a cat.")
    wait("a reply", lambda: [state for state, _ in replies(system, person)] == ["done"])
    assert len(replies(system, person)[0][1]) > 20
    picture(keys, "answered")
    for key, words in (("ctrl+3", "Training"), ("ctrl+2", "Models"), ("ctrl+comma", "Settings"), ("ctrl+1", "Chat")):
        keys.press(key)
        window.wait_for_words(words)
        picture(keys, words.lower())
    assert window.close() == 0
    assert window.running.errors == ""


def test_a_model_is_trained_exported_and_answers(system: System, person: Person, given: Path) -> None:
    chapters = sorted(paths.resource("guide").glob("*.md"))
    (given / "text.txt").write_text("\n\n".join(path.read_text("utf-8") for path in chapters), "utf-8")
    settings = [part for key in KEYS for part in ("--set", key)]
    train = ["train", "--method", "pretrain", "--data", "/mnt/given/text.txt", "--out", RUN, *settings]
    events = seedling(system, person, *train)
    assert [event["step"] for event in events if event["event"] == "Metric"][-1] == 20
    events = seedling(system, person, "export", f"{RUN}/model", EXPORTED, "--to", "gguf", "--check")
    assert events[-1]["stats"]["check"]["parity"]["max_logit_difference"] <= 1e-4
    for backend, model in (("llama", EXPORTED), ("gpt", f"{RUN}/model")):
        said = ["chat", "I had always", "-m", model, "--backend", backend, "--temperature", "0", "--max-tokens", "10"]
        assert seedling(system, person, *said)[-1]["stats"]["output_tokens"] == 10


def test_nothing_is_left_but_ones_own_files(system: System, person: Person) -> None:
    own = {path for path in system.files() if path.startswith(person.home)}
    assert any(path.endswith("seedling.db") for path in own)
    assert EXPORTED in own
    system.apt("purge", "--autoremove", "seedling")
    now = system.files()
    assert {path for path in now if path.startswith(person.home)} == own
    before = {"/"} | {
        "/" + os.path.relpath(os.path.join(folder, name), base())
        for folder, folders, names in os.walk(base())
        for name in (*folders, *names)
    }
    assert sorted(path for path in now - before if not STATE.match(path)) == []
    gone = {path for path in before - now if not STATE.match(path)}
    assert gone <= {"/opt"}  # which dpkg takes for the package's where nothing else is in it
