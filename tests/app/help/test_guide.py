"""The guide is true: what it links to, shows, names and has people type is there, in every language alike."""

from __future__ import annotations

import ast
import importlib
import json
import re
import shlex
import xml.etree.ElementTree as ElementTree
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import platformdirs.macos
import platformdirs.unix
import platformdirs.windows
import pytest
from PySide6.QtCore import QLibraryInfo, QTranslator
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
GUIDE = paths.resource("guide")
LANGUAGES = [code for code in OPTIONS["language"].choices if code != "system"]
VIEWS = ("local", "discover", "servers")  # of the page of models; test_page.py opens them
_LINK = re.compile(r"(?<!!)\[[^\]\n]+\]\(([^)\s]+)\)")
_ANY_PICTURE = re.compile(r"!\[")
_CODE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
_BOLD = re.compile(r"\*\*([^*]+)\*\*")
_COMMAND = re.compile(r"^    (.+)$", re.MULTILINE)
_LISTING = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^(#+) ", re.MULTILINE)
_MODIFIED = re.compile(r"(Ctrl|Shift|Alt)\+\S+")
_PLACE = re.compile(r" *\{[^}]*\} *")
KEYS = ("Ctrl", "Shift", "Alt", "Return", "Esc", "Tab")


def chapter_in(language: str, id: str) -> Chapter:
    return next(each for each in guide.read(language) if each.id == id)


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def chapters(language: str) -> list[Chapter]:
    return guide.read(language)


@pytest.fixture(params=CHAPTERS)
def chapter(request: pytest.FixtureRequest, language: str) -> Chapter:
    return chapter_in(language, request.param)


@pytest.fixture
def english(chapter: Chapter) -> Chapter:
    return chapter_in("en", chapter.id)


# --- what is there ----------------------------------------------------------------------------------------------------


def folder_of(language: str) -> Path:
    return GUIDE if language == "en" else GUIDE / language


def test_every_file_of_the_guide_is_a_chapter_and_begins_with_its_title(language: str) -> None:
    folder = folder_of(language)
    assert sorted(path.stem for path in folder.glob("*.md")) == sorted(CHAPTERS)
    for chapter in guide.read(language):
        assert chapter.folder == folder
        assert chapter.text.startswith(f"# {chapter.title}\n")
        assert chapter.title


def test_no_language_is_there_that_the_window_does_not_speak() -> None:
    assert {path.name for path in GUIDE.iterdir() if path.is_dir()} == {"images", *LANGUAGES} - {"en"}


def test_a_language_without_a_guide_has_the_english_one() -> None:
    assert guide.read("eo") == guide.read("en")


def test_the_documents_lead_to_the_same_files() -> None:
    index = (ROOT / "docs" / "guide" / "README.md").read_text(encoding="utf-8")
    places = [
        (each, (each.folder / f"{each.id}.md").relative_to(ROOT)) for code in LANGUAGES for each in guide.read(code)
    ]
    expected = [f"[{each.title}](../../{place.as_posix()})" for each, place in places]
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


def test_every_chapter_is_linked_to(chapters: list[Chapter]) -> None:
    linked = {chapter_of(address) for each in chapters for address in _LINK.findall(each.text)}
    assert linked >= set(CHAPTERS[1:])


def test_every_picture_is_there_in_light_and_dark_and_every_file_is_used(chapter: Chapter) -> None:
    pictures = [piece for piece in chapter.pieces if isinstance(piece, Picture)]
    assert len(pictures) == len(_ANY_PICTURE.findall(chapter.text))
    for picture in pictures:
        sizes = [QImage(picture.file(dark)).size() for dark in (False, True)]
        assert sizes[0] == sizes[1]
        assert not sizes[0].isEmpty()
        assert picture.text


def test_no_picture_is_left_over_and_all_are_small(chapters: list[Chapter], language: str) -> None:
    pictures = [piece for each in chapters for piece in each.pieces if isinstance(piece, Picture)]
    files = set((folder_of(language) / "images").iterdir())
    assert files == {Path(picture.file(dark)) for picture in pictures for dark in (False, True)}
    assert sum(path.stat().st_size for path in files) < 600_000


# --- the same in every language ---------------------------------------------------------------------------------------


def parts(chapter: Chapter, words: Mapping[str, str]) -> dict[str, list[str]]:
    """What a translation keeps as it is. `words`: of keys, to their English ones."""
    codes = [in_english(code, words) for code in _CODE.findall(chapter.text)]
    return {
        "links": _LINK.findall(chapter.text),
        "pictures": [piece.name for piece in chapter.pieces if isinstance(piece, Picture)],
        "headings": _HEADING.findall(chapter.text),
        "commands": [*_COMMAND.findall(chapter.text), *_LISTING.findall(chapter.text)],
        "keys, files and addresses": sorted(codes),
    }


def test_every_language_has_the_same_in_the_same_order(chapter: Chapter, english: Chapter, language: str) -> None:
    assert parts(chapter, words_of_keys(language)) == parts(english, words_of_keys("en"))


@pytest.mark.parametrize(
    ("here", "there"),
    [
        ("](first-download.md)", "](first-model.md)"),
        ("](images/first-download.png)", "](images/servers.png)"),
        ("\n## ", "\n### "),
        ("seedling models suggest", "seedling models list"),
        ("`Return`", "`Esc`"),
    ],
)
def test_what_differs_is_seen(here: str, there: str) -> None:
    words = words_of_keys("en")
    for each in guide.read("en"):
        other = Chapter(each.id, each.text.replace(here, there), each.folder)
        assert (parts(each, words) == parts(other, words)) is (here not in each.text)


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


def test_there_are_commands_and_a_wrong_one_is_seen(chapters: list[Chapter]) -> None:
    assert sum(len(list(commands(each.text))) for each in chapters) >= 12
    for wrong in ("seedling fly", "seedling train --fly 1", "seedling export x y", "seedling models lose x"):
        assert not parsed(wrong)


def keys_there_are() -> set[str]:
    known = {QKeySequence(key).toString() for action in actions.ACTIONS.values() for key in action.keys}
    return known | {QKeySequence(key).toString() for key, _ in shortcuts._TYPING} | {"Tab"}


@cache
def words_of_keys(language: str) -> dict[str, str]:
    """How Qt, and with it the window, calls keys in a language, to their English names."""
    qt = QTranslator()
    if not qt.load(f"qtbase_{language}", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)):
        assert language == "en"
    return {qt.translate("QShortcut", key) or key: key for key in KEYS}


def in_english(code: str, words: Mapping[str, str]) -> str:
    """Keys by their English names; what is no key as it is, and an English name where it is none as a mistake."""
    known = {key: f"not {key}" for key in KEYS} | dict(words)
    return re.sub(r"\w+", lambda word: known.get(word[0], word[0]), code)


def keys_named(text: str, language: str) -> list[str]:
    codes = [in_english(code, words_of_keys(language)) for code in _CODE.findall(text)]
    return [code for code in codes if _MODIFIED.fullmatch(code) or code in KEYS or re.fullmatch(r"F\d+", code)]


def test_every_key_does_something(chapter: Chapter, language: str) -> None:
    named = keys_named(chapter.text, language)
    assert [key for key in named if QKeySequence(key).toString() not in keys_there_are()] == []


def test_there_are_keys_and_a_wrong_one_is_seen(chapters: list[Chapter], language: str) -> None:
    assert len(keys_named("".join(each.text for each in chapters), language)) > 20
    named = keys_named("Press `Ctrl+Alt+F13` or `F9`.", "en")
    assert len(named) == 2
    assert not {QKeySequence(key).toString() for key in named} & keys_there_are()


@pytest.mark.parametrize(
    ("keys", "action"),
    [("Ctrl+N", "new_chat"), ("Ctrl+K", "palette"), ("Ctrl+L", "model"), ("Ctrl+O", "open_data"), ("F1", "help")],
)
def test_keys_do_what_the_guide_says(keys: str, action: str) -> None:
    assert keys in actions.ACTIONS[action].keys


def test_the_table_of_keys_says_of_each_what_it_does(language: str) -> None:
    """Each row names the keys of actions whose titles share a word with what the row says."""
    for row in re.findall(r"^\| (`.+?) \| (.+?) \|$", chapter_in(language, "keyboard").text, re.MULTILINE):
        keys = [QKeySequence(key).toString() for key in keys_named(row[0], language)]
        texts = [str(action.title) for action in actions.ACTIONS.values() if set(keys) & set(action.keys)]
        texts += [str(what) for key, what in shortcuts._TYPING if key in keys]
        if "Ctrl+1" in keys:
            assert len(_PAGES) == int(keys[-1][-1])
            assert all(said(str(title), language) & words_in(row[1]) for _, _, title in _PAGES)
        elif "F1" not in keys:
            titles = {title for text in texts for title in said(text, language)}
            assert any(words_in(row[1]) & words_in(title) for title in titles), row


def words_in(text: str) -> set[str]:
    found = re.findall(r"\w{4,}|row|find", text)
    return {*found, *map(str.lower, found)}


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
    return frozenset(part for text in found for part in (text, *_PLACE.split(text)) if part)


@cache
def translations(language: str) -> dict[str, set[str]]:
    """What each of these is in a language, by its English text; apart from what is filled in."""
    found = defaultdict[str, set[str]](set)
    for message in ElementTree.parse(paths.resource("translations") / f"seedling_{language}.ts").iter("message"):
        english, other = (message.findtext(name) or "" for name in ("source", "translation"))
        for part in (english, *_PLACE.split(english)):
            found[part] |= {each for each in (other, *_PLACE.split(other)) if each}
    return found


def said(english: str, language: str) -> set[str]:
    """What the window says for an English text."""
    if english not in texts_of_the_window():
        return set()
    return {english} if language == "en" else translations(language)[english]


def names_in(text: str) -> list[str]:
    return [" ".join(name.split()) for name in _BOLD.findall(text)]


def names_not_there(text: str, english: str, language: str) -> list[str]:
    """What is bold and no text of the window, or another one than in English; and what is bold there alone."""
    left, faults = names_in(english), []
    for name in names_in(text):
        source = next((each for each in left if name in said(each, language)), None)
        if source is None:
            faults.append(name)
        else:
            left.remove(source)
    return faults + left


def test_what_is_bold_stands_in_the_window(chapter: Chapter, english: Chapter, language: str) -> None:
    assert names_not_there(chapter.text, english.text, language) == []


def test_there_are_such_names_and_a_wrong_one_is_seen(chapters: list[Chapter]) -> None:
    assert sum(len(names_in(each.text)) for each in chapters) > 50
    assert names_not_there("Press **Fly away**.", "Press **Fly away**.", "en") == ["Fly away", "Fly away"]
    assert names_not_there("**Anhalten** statt **Starten**", "**Stop**, not **Start**", "de") == []
    assert names_not_there("Drück **Anhalten**.", "Press **Start**.", "de") == ["Anhalten", "Start"]
    assert names_not_there("Drück den Knopf.", "Press **Start**.", "de") == ["Start"]


def test_the_folders_are_those_of_the_systems(monkeypatch: pytest.MonkeyPatch, language: str) -> None:
    text = chapter_in(language, "where-files-are").text
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


def test_the_example_of_a_dataset_is_read_as_the_guide_says(tmp_path: Path, language: str) -> None:
    text = chapter_in(language, "first-finetune").text
    (example,) = re.findall(r"```json\n(.+?)```", text, re.DOTALL)
    assert all(json.loads(line) for line in example.splitlines())
    (tmp_path / "plants.jsonl").write_text(example, encoding="utf-8")
    assert open_dataset([tmp_path / "plants.jsonl"]).kind == "conversation"
