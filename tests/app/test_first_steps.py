"""What a new home is offered: nothing stands in the way, nothing is asked of anybody before a press."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest

import app.first_steps.controller as first_steps
from app.engine_client import EngineClient
from app.first_steps.view import Step
from engine import hardware
from engine.events import Model
from engine.library import catalogue, model_list
from engine.library.catalogue import Suggestion
from engine.settings import OPTIONS, Settings

Desk = Any  # conftest.py
SUGGESTION = first_steps._suggestion  # the real one


@pytest.fixture
def jobs(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the jobs that workers were given."""
    given: list[str] = []
    submit = EngineClient.submit

    def watched(client: EngineClient, job: str, params: dict[str, Any]) -> Any:
        given.append(job)
        return submit(client, job, params)

    monkeypatch.setattr(EngineClient, "submit", watched)
    return given


@pytest.fixture
def suggested(monkeypatch: pytest.MonkeyPatch) -> Suggestion:
    """What is suggested on every computer that the tests run on."""
    model = catalogue.models()[0]
    suggestion = Suggestion(model, next(iter(model.about_bytes)), 143_000_000, True)
    monkeypatch.setattr(first_steps, "_suggestion", lambda: suggestion)
    return suggestion


@pytest.fixture
def new_home(jobs: list[str], suggested: Suggestion, open_desk: Callable[[], Desk]) -> Iterator[Desk]:
    """A window that has just opened in a home that nobody has used."""
    desk = open_desk()
    desk.wait(lambda: desk.seedling._later._stopped)
    desk.settings.set("stores_offered", False)
    jobs.clear()
    for _ in desk.seedling._rest():
        pass
    steps = desk.seedling.first_steps
    desk.wait(lambda: not steps._scan.running and steps.view.suggestion.isVisible())
    return desk


def shown(step: Step) -> str:
    return f"{step.title.text()} {step.sentence.text()}"


def buttons(step: Step) -> list[Any]:
    return [control for control in step._controls if control.isVisible()]


def test_it_stands_above_the_composer_and_takes_nothing_from_it(new_home: Desk) -> None:
    view = new_home.seedling.first_steps.view
    assert view.isVisible()
    assert new_home.page.welcome.isAncestorOf(view)
    assert new_home.page.composer.field.hasFocus()
    assert not new_home.window.isModal()
    new_home.ask_and_wait("hello")  # the starter answers, whatever stands there
    assert not view.isVisible()


def test_nothing_is_asked_or_fetched_before_a_press(new_home: Desk, jobs: list[str]) -> None:
    new_home.qtbot.wait(100)
    assert set(jobs) <= {"scan", "library"}
    assert not {"models", "settings", "training"} & set(new_home.seedling._wirings)
    assert "discover" not in vars(new_home.seedling)


def test_a_home_that_was_used_is_left_alone(desk: Desk) -> None:
    desk.wait(lambda: desk.seedling._later._stopped)
    assert "first_steps" not in vars(desk.seedling)


@pytest.mark.parametrize("how", ["a message", "the button"])
def test_it_goes_away_for_good(new_home: Desk, how: str) -> None:
    view = new_home.seedling.first_steps.view
    if how == "a message":
        new_home.ask_and_wait("hello")
        new_home.chat.new_chat()
    else:
        view.close_button.click()
    assert not view.isVisible()
    new_home.wait(lambda: bool(Settings().flag("stores_offered")))


def test_a_home_that_is_only_looked_at_is_still_new(new_home: Desk) -> None:
    new_home.window.close()
    assert not Settings().flag("stores_offered")


def test_it_is_found_again_in_the_palette(desk: Desk, suggested: Suggestion) -> None:
    desk.ask_and_wait("hello")
    assert "First steps" in [action.title for action in desk.seedling.actions.bound()]
    desk.window.show_page("models")
    desk.seedling.actions.run("first_steps")
    assert desk.window.current_page == "chat"
    assert desk.seedling.first_steps.view.isVisible()
    desk.seedling.first_steps.view.close_button.click()
    assert not desk.seedling.first_steps.view.isVisible()
    assert desk.page.welcome.isVisible()


# --- look and language -----------------------------------------------------------------------------------------------


def test_the_theme_is_the_option_itself(new_home: Desk) -> None:
    box = new_home.seedling.first_steps.view.boxes["theme"]
    assert box.currentData() == "system"
    box.setCurrentIndex(box.findData("dark"))
    new_home.wait(lambda: Settings().text("theme") == "dark")
    new_home.seedling.options.set("theme", "light")
    assert box.currentData() == "light"


def test_the_language_is_the_option_itself(new_home: Desk) -> None:
    box = new_home.seedling.first_steps.view.boxes["language"]
    assert [box.itemData(index) for index in range(box.count())] == list(OPTIONS["language"].choices)
    box.setCurrentIndex(box.findData("de"))
    new_home.wait(lambda: Settings().text("language") == "de")


# --- what other programs have ----------------------------------------------------------------------------------------


def test_what_other_programs_have_is_counted_and_what_is_broken_is_not(new_home: Desk) -> None:
    step = new_home.seedling.first_steps.view.models
    assert step.title.text() == "A model of Ollama is here"  # of the two that the scripted library finds
    view = new_home.seedling.first_steps.view
    assert buttons(step) == [view.use, view.choose]
    view.choose.click()
    new_home.wait(lambda: new_home.seedling.models_page.local.found.rows.rowCount() == 2)
    assert new_home.window.current_page == "models"


def test_they_are_put_on_the_list_where_they_lie(new_home: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[Sequence[Model]] = []

    def add_all(found: Sequence[Model]) -> tuple[list[str], list[Any]]:
        taken.append(found)
        return [model.name for model in found], []

    monkeypatch.setattr(first_steps, "add_all", add_all)
    view = new_home.seedling.first_steps.view
    view.use.click()
    new_home.wait(lambda: "1 model is on the list" in shown(view.models))
    assert [model.path for model in taken[0]] == ["/ZZ/one.gguf"]
    assert buttons(view.models) == []


def test_those_that_cannot_be_added_are_told(new_home: Desk) -> None:
    view = new_home.seedling.first_steps.view
    view.use.click()  # /ZZ/one.gguf is not there
    new_home.wait(lambda: "does not exist" in shown(view.models))
    assert not model_list.read()


# --- servers ---------------------------------------------------------------------------------------------------------


def test_ports_of_this_computer_are_asked_by_the_button_alone(new_home: Desk, jobs: list[str]) -> None:
    view = new_home.seedling.first_steps.view
    assert buttons(view.servers) == [view.ask]
    assert "scan_servers" not in jobs
    view.ask.click()
    view.ask.click()
    new_home.wait(lambda: buttons(view.servers) == [view.connect_found])
    assert jobs.count("scan_servers") == 1
    assert view.servers.title.text().startswith("2 servers answer here: ")
    view.connect_found.click()
    new_home.wait(lambda: len(new_home.seedling.servers_view.found) == 2)
    assert new_home.seedling.servers_view.isVisible()


# --- a model that suits ----------------------------------------------------------------------------------------------


def test_a_model_is_suggested_with_its_size_and_its_licence(new_home: Desk, suggested: Suggestion) -> None:
    said = shown(new_home.seedling.first_steps.view.suggestion)
    assert said.startswith(suggested.model.title)
    for words in ("143\xa0MB", catalogue.LICENCES[suggested.model.licence], "needs the network"):
        assert words in said


def test_it_is_fetched_by_a_press_and_talked_to(new_home: Desk, jobs: list[str]) -> None:
    view = new_home.seedling.first_steps.view
    assert "download" not in jobs
    view.download.click()
    assert "download" in jobs
    new_home.wait(lambda: "is here" in shown(view.suggestion))
    assert buttons(view.suggestion)
    assert not view.progress.isVisible()


def test_a_download_that_fails_says_why_and_can_be_asked_for_again(
    new_home: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = new_home.seedling.first_steps
    steps._suggested = Suggestion(steps._suggested.model, "qqq2", 1, True)
    steps.view.download.click()
    new_home.wait(lambda: steps.view.download.isVisible() and not steps.view.progress.isVisible())
    assert "Free some space first" in shown(steps.view.suggestion)


def test_where_nothing_may_leave_nothing_is_offered_to_be_fetched(new_home: Desk) -> None:
    view = new_home.seedling.first_steps.view
    new_home.seedling.options.set("stay_here", True)
    new_home.wait(lambda: buttons(view.suggestion) == [])
    assert "Nothing leaves this computer" in shown(view.suggestion)
    new_home.seedling.options.set("stay_here", False)
    new_home.wait(lambda: buttons(view.suggestion) == [view.download])


@pytest.mark.parametrize("gib", [1, 4, 8, 16, 32, 64])
def test_the_suggestion_fits_and_is_no_long_download(gib: int, monkeypatch: pytest.MonkeyPatch) -> None:
    memory = hardware.memory()
    monkeypatch.setattr(hardware, "memory", lambda: type(memory)(gib * 2**30, gib * 2**30))
    suggestion = SUGGESTION()
    assert suggestion is not None
    assert suggestion.quick
    assert suggestion.about_bytes <= min(first_steps.FIRST_BYTES, 0.65 * gib * 2**30)


def test_a_computer_that_nothing_fits_is_offered_nothing(new_home: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "suggested", lambda _: [])
    assert SUGGESTION() is None
    steps = new_home.seedling.first_steps
    steps._suggest(None)
    assert steps.view.models.isVisible()


def test_a_window_closed_after_servers_were_looked_for_leaves_no_process(new_home: Desk) -> None:
    view = new_home.seedling.first_steps.view
    view.ask.click()
    new_home.wait(view.connect_found.isVisible)
    new_home.close()
    client = new_home.seedling.workers.servers
    assert client._closed
