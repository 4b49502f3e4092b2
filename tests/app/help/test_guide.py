"""The guide is true: what it links to, shows, names and has people type is there."""

from __future__ import annotations

import ast
import importlib
import json
import re
import shlex
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import platformdirs.macos
import platformdirs.unix
import platformdirs.windows
import pytest
from PySide6.QtGui import QImage, QKeySequence

from app import actions, shortcuts
from app.front import _PAGES
from app.help import guide
from app.help.guide import ACTION_SCHEME, CHAPTERS, PAGE_SCHEME, Chapter, Picture, chapter_of
from engine import paths
from engine.__main__ import COMMANDS, build_parser
from engine.data.dataset import open_dataset
from engine.processes import SAFELY
from engine.settings import OPTIONS, SECTIONS

ROOT = Path(__file__).resolve().parents[3]
VIEWS = ("local", "discover", "servers")  # of the page of models; test_page.py opens them
_LINK = re.compile(r"(?<!!)\[[^\]\n]+\]\(([^)\s]+)\)")
_ANY_PICTURE = re.compile(r"!\[")
_CODE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
_BOLD = re.compile(r"\*\*([^*]+)\*\*")
_COMMAND = re.compile(r"^    (.+)$", re.MULTILINE)
_MODIFIED = re.compile(r"(Ctrl|Shift|Alt)\+\S+")
# Codes that are neither keys nor files: what people write elsewhere.
_FILES = {"runs", "models", "backups", "logs", "cache", "indexes"}


def chapters() -> list[Chapter]:
    return guide.read()


@pytest.fixture(params=CHAPTERS)
def chapter(request: pytest.FixtureRequest) -> Chapter:
    return next(each for each in chapters() if each.id == request.param)


# --- what is there ----------------------------------------------------------------------------------------------------


def test_every_file_of_the_guide_is_a_chapter_and_begins_with_its_title() -> None:
    folder = paths.resource("guide")
    assert sorted(path.stem for path in folder.glob("*.md")) == sorted(CHAPTERS)
    for chapter in chapters():
        assert chapter.text.startswith(f"# {chapter.title}\n")
        assert chapter.title


def test_the_documents_lead_to_the_same_files() -> None:
    index = (ROOT / "docs" / "guide" / "README.md").read_text(encoding="utf-8")
    expected = [f"[{each.title}](../../resources/guide/{each.id}.md)" for each in chapters()]
    assert re.findall(r"^\d+\. (.+)$", index, re.MULTILINE) == expected
    assert sorted(path.name for path in (ROOT / "docs" / "guide").iterdir()) == ["README.md"]  # no copies


def faults_of_links(text: str) -> list[str]:
    """Links that lead nowhere."""
    faults = []
    for address in _LINK.findall(text):
        page, _, part = address.removeprefix(PAGE_SCHEME).partition("/")
        parts = {"settings": SECTIONS, "models": VIEWS}.get(page, ())
        if address.startswith(PAGE_SCHEME):
            right = page in [id for id, _, _ in _PAGES] and (not part or part in parts)
        elif address.startswith(ACTION_SCHEME):
            right = address.removeprefix(ACTION_SCHEME) in actions.ACTIONS
        else:
            right = chapter_of(address) in CHAPTERS or address.startswith("https://")
        faults += [] if right else [address]
    return faults


def test_every_link_leads_somewhere(chapter: Chapter) -> None:
    assert faults_of_links(chapter.text) == []


@pytest.mark.parametrize(
    "address",
    ["lost.md", "seedling-page:pond", "seedling-page:settings/pond", "seedling-action:fly", "http://x.example", "/etc"],
)
def test_a_link_that_leads_nowhere_is_seen(address: str) -> None:
    assert faults_of_links(f"See [there]({address}).") == [address]


def test_every_chapter_is_linked_to() -> None:
    linked = {chapter_of(address) for each in chapters() for address in _LINK.findall(each.text)}
    assert linked >= set(CHAPTERS[1:])


def test_every_picture_is_there_in_light_and_dark_and_every_file_is_used(chapter: Chapter) -> None:
    pictures = [piece for piece in chapter.pieces if isinstance(piece, Picture)]
    assert len(pictures) == len(_ANY_PICTURE.findall(chapter.text))
    for picture in pictures:
        sizes = [QImage(picture.file(dark)).size() for dark in (False, True)]
        assert sizes[0] == sizes[1]
        assert not sizes[0].isEmpty()
        assert picture.text


def test_no_picture_is_left_over_and_all_are_small() -> None:
    named = {
        Path(piece.file(d)).name for c in chapters() for piece in c.pieces if isinstance(piece, Picture) for d in (0, 1)
    }
    files = list((paths.resource("guide") / "images").iterdir())
    assert {path.name for path in files} == named
    assert sum(path.stat().st_size for path in files) < 600_000


# --- what it has people do --------------------------------------------------------------------------------------------


def commands(text: str) -> Iterator[str]:
    for line in _COMMAND.findall(text):
        if "seedling" in line:
            yield line


def parsed(line: str) -> bool:
    words = shlex.split(line, comments=True)
    words = words[1:] if "=" in words[0] else words  # a variable before the command
    assert words[0] == "seedling"
    arguments = words[1:]
    if arguments in ([], [SAFELY]):
        return True
    if arguments[0] not in COMMANDS:
        return False
    module = importlib.import_module(f"engine.commands.{arguments[0]}")
    try:
        build_parser(arguments[0], module).parse_args(arguments)
    except SystemExit:
        return False
    return True


def test_every_command_can_be_typed(chapter: Chapter) -> None:
    assert [line for line in commands(chapter.text) if not parsed(line)] == []


def test_there_are_commands_and_a_wrong_one_is_seen() -> None:
    assert sum(len(list(commands(each.text))) for each in chapters()) >= 12
    for wrong in ("seedling fly", "seedling train --fly 1", "seedling export x y", "seedling models lose x"):
        assert not parsed(wrong)


def keys_there_are() -> set[str]:
    known = {QKeySequence(key).toString() for action in actions.ACTIONS.values() for key in action.keys}
    return known | {QKeySequence(key).toString() for key, _ in shortcuts._TYPING} | {"Tab"}


def keys_named(text: str) -> list[str]:
    return [
        code
        for code in _CODE.findall(text)
        if _MODIFIED.fullmatch(code) or code in ("Return", "Esc", "Tab") or re.fullmatch(r"F\d+", code)
    ]


def test_every_key_does_something(chapter: Chapter) -> None:
    assert [key for key in keys_named(chapter.text) if QKeySequence(key).toString() not in keys_there_are()] == []


def test_there_are_keys_and_a_wrong_one_is_seen() -> None:
    assert len(keys_named("".join(each.text for each in chapters()))) > 20
    assert not {QKeySequence(key).toString() for key in keys_named("Press `Ctrl+Alt+F13` or `F9`.")} & keys_there_are()


@pytest.mark.parametrize(
    ("keys", "action"),
    [("Ctrl+N", "new_chat"), ("Ctrl+K", "palette"), ("Ctrl+L", "model"), ("Ctrl+O", "open_data"), ("F1", "help")],
)
def test_keys_do_what_the_guide_says(keys: str, action: str) -> None:
    assert keys in actions.ACTIONS[action].keys


def test_the_table_of_keys_says_of_each_what_it_does() -> None:
    """Each row names the keys of actions whose titles share a word with what the row says."""
    text = next(each.text for each in chapters() if each.id == "keyboard")
    for row in re.findall(r"^\| (`.+?) \| (.+?) \|$", text, re.MULTILINE):
        keys = [QKeySequence(key).toString() for key in _CODE.findall(row[0])]
        titles = [str(a.title).casefold() for a in actions.ACTIONS.values() if set(keys) & set(a.keys)]
        titles += [str(what).casefold() for key, what in shortcuts._TYPING if key in keys]
        if "Ctrl+1" in keys:
            assert len(_PAGES) == int(keys[-1][-1])
            assert all(str(title) in row[1] for _, _, title in _PAGES)
        elif "F1" not in keys:
            said = set(re.findall(r"\w{4,}|row|find", row[1].casefold()))
            assert any(said & set(re.findall(r"\w{4,}", title)) for title in titles), row


# --- what it names ----------------------------------------------------------------------------------------------------


@cache
def texts_of_the_window() -> frozenset[str]:
    """Every text that the window's code holds, and the titles of options."""
    found = {option.title for option in OPTIONS.values()}
    for path in (ROOT / "app").rglob("*.py"):
        if path.parent.name == "help":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(node.value)
    return frozenset(text.split(" {")[0] for text in found)


def names_not_there(text: str) -> list[str]:
    return [
        " ".join(name.split()) for name in _BOLD.findall(text) if " ".join(name.split()) not in texts_of_the_window()
    ]


def test_what_is_bold_stands_in_the_window(chapter: Chapter) -> None:
    assert names_not_there(chapter.text) == []


def test_there_are_such_names_and_a_wrong_one_is_seen() -> None:
    assert sum(len(_BOLD.findall(each.text)) for each in chapters()) > 50
    assert names_not_there("Press **Fly away**.") == ["Fly away"]


def test_the_folders_are_those_of_the_systems(monkeypatch: pytest.MonkeyPatch) -> None:
    text = next(each.text for each in chapters() if each.id == "where-files-are")
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.setenv("HOME", "/home/me")
    monkeypatch.setattr(platformdirs.windows, "get_win_folder", lambda name: f"<{name}>")
    asked = {"appname": "Seedling", "appauthor": False}
    shown = re.findall(r"^\| (\w+) \| `(.+)` \|$", text, re.MULTILINE)
    assert shown[:3] == [
        ("Linux", platformdirs.unix.Unix(**asked).user_data_dir.replace("/home/me", "~")),
        ("macOS", platformdirs.macos.MacOS(**asked).user_data_dir.replace("/home/me", "~")),
        ("Windows", r"%LOCALAPPDATA%\Seedling"),
    ]
    assert "CSIDL_LOCAL_APPDATA" in platformdirs.windows.Windows(**asked).user_data_dir


def test_the_example_of_a_dataset_is_read_as_the_guide_says(tmp_path: Path) -> None:
    text = next(each.text for each in chapters() if each.id == "first-finetune")
    (example,) = re.findall(r"```json\n(.+?)```", text, re.DOTALL)
    assert all(json.loads(line) for line in example.splitlines())
    (tmp_path / "plants.jsonl").write_text(example, encoding="utf-8")
    assert open_dataset([tmp_path / "plants.jsonl"]).kind == "conversation"
