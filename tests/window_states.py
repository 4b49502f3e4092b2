"""What the window can show, one state after another, for checks that must hold in each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from PySide6.QtCore import QUrl
from PySide6.QtWidgets import QDialog, QMenu, QMessageBox, QWidget
from training_states import training_states

from app.about.dialog import AboutDialog
from app.about.updates import Phase
from app.actions import ACTIONS
from app.chat.load import Load
from app.chat.where import ask_where_words_go
from app.crash import CrashDialog
from app.destinations import Destination
from app.discover.token_dialog import TokenDialog
from app.help.report_dialog import ReportDialog
from app.library.choose_dialog import ChooseModelDialog
from app.library.model_actions import ModelAction, first, further, menu_of
from app.library.template_dialog import TemplateDialog
from app.messages import Notice, Remedy, notice
from app.providers.key_dialogs import KeepDialog, KeyDialog, PassphraseDialog
from app.providers.price_dialog import PriceDialog
from app.shortcuts import ShortcutsDialog
from engine import paths
from engine.errors import EngineError
from engine.licences import Licence
from engine.providers.prices import Price, Table

Desk = Any  # tests/app/conftest.py

TITLE = "ZZ"  # of the chat in these states, and what was said in it; not a word of ours


def states(desk: Desk) -> Iterator[tuple[str, QWidget]]:
    """A name for each state and the widget to look at; the window is put back before the next one."""
    page, window, actions = desk.page, desk.window, desk.seedling.actions

    def turn() -> None:
        desk.qtbot.wait(30)

    desk.wait(lambda: bool(desk.chat.models.entries))
    turn()
    yield "welcome", window
    steps = desk.seedling.first_steps
    steps.show()
    desk.wait(lambda: not steps._scan.running and steps.view.suggestion.isVisible())
    turn()
    yield "first steps", window
    steps.view.ask.click()
    desk.wait(steps.view.connect_found.isVisible)
    turn()
    yield "first steps: servers were found", window
    desk.ask_and_wait(TITLE)
    turn()
    yield "conversation", window
    page.open_find()
    page.find_bar.field.setText("nowhere")
    turn()
    yield "find bar", window
    page.find_bar.put_away()
    page.notice.show_notice(Notice("ZZ ZZ ZZ ZZ ZZ.", (Remedy.RETRY, Remedy.CHOOSE_MODEL, Remedy.COPY), "ZZ"))
    turn()
    yield "notice", window
    page.notice.clear()
    page.composer.restore("Z" * 5000)
    turn()
    yield "pasted text", window
    page.composer.take()
    page.show_sidebar(True)
    turn()
    yield "sidebar", window
    page.sidebar.search.setText("QQQ")
    desk.qtbot.wait(300)
    yield "nothing found", window
    page.sidebar.search.clear()
    desk.qtbot.wait(300)
    page.show_panel(True)
    turn()
    yield "side panel", window
    page.show_panel(False)
    page.show_chat()
    yield from server_states(desk)
    actions.run("palette")
    turn()
    yield "palette", window
    desk.seedling.palette.field.setText("qqqq")
    turn()
    yield "palette without an answer", window
    desk.seedling.palette.put_away()
    yield from _opened(desk, "models", page.picker.menu())
    yield from about_states(desk)
    actions.run("shortcuts")
    turn()
    dialog = window.findChild(ShortcutsDialog)
    yield "shortcuts", dialog
    dialog.reject()
    actions.run("delete_chat")
    turn()
    box = window.findChild(QMessageBox)
    yield "delete", box
    box.reject()
    crash = CrashDialog("ZZ", window)
    crash.show()
    turn()
    yield "crash", crash
    crash.close()
    crash.deleteLater()
    yield from help_states(desk)
    yield from models_states(desk)
    yield from finding_states(desk)
    yield from servers_page_states(desk)
    yield from training_states(desk)


def help_states(desk: Desk) -> Iterator[tuple[str, QWidget]]:
    """The guide, what is found in it, and the report of a problem; all but its text is ours."""
    window, actions = desk.window, desk.seedling.actions
    actions.run("help")
    page = desk.seedling.help_wiring.page
    desk.qtbot.wait(100)
    yield "help", window
    page.search.setText("qqqq")
    desk.qtbot.wait(200)
    yield "help: nothing found", window
    page.search.clear()
    desk.qtbot.wait(200)
    actions.run("report")
    dialog = window.findChild(ReportDialog)
    desk.wait(lambda: dialog.copy.isEnabled())
    dialog.copy.click()
    yield "help: report", dialog
    dialog.reject()
    window.show_page("chat")
    desk.qtbot.wait(30)


def server_states(desk: Desk) -> Iterator[tuple[str, QWidget]]:
    """What a model thinks, what can be set and what can go wrong where a server answers."""
    page, chat, window = desk.seedling.page, desk.seedling.chat, desk.window
    view, replies = page.transcript, desk.seedling.replies

    def turn() -> None:
        desk.qtbot.wait(60)

    def ask(text: str) -> None:
        asked = len(view.shown())
        page.composer.restore(text)
        chat.send()
        desk.wait(lambda: len(view.shown()) == asked + 2)

    def end() -> None:
        desk.wait(lambda: replies.of(chat.current) is None and not view.busy)
        turn()

    ask("do muse 500 20")
    desk.wait(lambda: view.streaming is not None and view.streaming.thought is not None)
    turn()
    yield "server: thinking", window
    chat.stop()
    end()
    ask("do think " + " ".join(["ZZ"] * 60) + " | ZZ")
    end()
    yield "server: thought", window
    view.anchorClicked.emit(QUrl(f"thought:{view.last('assistant')}"))
    turn()
    yield "server: thought, unfolded", window
    for code in ("provider_key_wrong", "provider_strange"):
        view.show_failure(notice(EngineError(code, name="ZZ")))
        turn()
        yield f"server: {code}", window
    view.show_failure(None)
    page.show_panel(True)
    page.panel.set_offers(frozenset({"temperature", "top_p", "max_tokens", "context"}))
    page.panel.set_cost("0.0042 USD")
    turn()
    yield "server: side panel", window
    page.panel.set_offers(frozenset())
    turn()
    yield "server: side panel, not known yet", window
    page.panel.set_cost("")
    page.panel.set_offers(None)
    page.show_panel(False)
    page.show_chat()


def models_states(desk: Desk) -> Iterator[tuple[str, QWidget]]:
    """The list of models, one of them, its settings, and what other programs have (`scripted_library.py`)."""
    page, library, window = desk.seedling.models_page, desk.seedling.library, desk.window
    view, detail = page.local, page.local.detail

    def turn(milliseconds: int = 60) -> None:
        desk.qtbot.wait(milliseconds)

    def show(name: str) -> None:
        view.select(name)
        view._open()
        turn()

    window.show_page("models")
    desk.wait(lambda: view.rows.rowCount() == len(library_names()) and bool(view.foot._usage.text()))
    turn()
    yield "models", window
    view.filter.setText("qqqq")
    turn()
    yield "models: nothing has these words", window
    view.filter.clear()
    for name in ("starter", "slow", "gone"):
        show(name)
        if name != "gone":
            desk.wait(lambda: detail.memory.known)
        turn()
        yield f"models: {name}", window
    view.show_list()
    show("slow")
    detail.settings.button.setChecked(True)
    desk.wait(lambda: detail.form is not None and library.setup.known)
    library.setup.set("speculation", "draft")
    library.setup.set("adapters", (("/ZZ/ZZ.gguf", 0.5),))
    desk.wait(lambda: detail.form.draft.isVisibleTo(detail.form))
    adapters = detail.form.adapters
    desk.wait(lambda: adapters.height() >= adapters.heightForWidth(adapters.width()))
    turn()
    yield "models: settings", window
    detail.form.give.click()
    turn()
    dialog = window.findChild(ChooseModelDialog)
    yield "models: choose another", dialog
    dialog.reject()
    library.setup.show_template("ZZ")
    dialog = window.findChild(TemplateDialog)
    dialog.editor.setPlainText("ZZ {{ messages[1]['content'] }}")
    desk.wait(lambda: dialog.preview.toPlainText().startswith("ZZ"))
    turn()
    yield "models: template", dialog
    dialog.editor.setPlainText("{% ZZ")
    desk.wait(lambda: bool(dialog.fault.text()))
    turn()
    yield "models: template with a fault", dialog
    dialog.reject()
    library.setup.set("speculation", None)
    detail.settings.button.setChecked(False)
    view.show_list()
    model = view.rows.model_of("slow")
    library.do(ModelAction.VERIFY, model)
    desk.wait(lambda: bool(view.notice.text))
    turn()
    yield "models: a file that has changed", window
    view.notice.clear()
    library.do(ModelAction.VERIFY, view.rows.model_of("hang"))
    desk.wait(lambda: bool(view.foot.task))
    turn()
    yield "models: a file is checked", window
    view.foot.stop.click()
    desk.wait(lambda: not view.foot.task)
    for action in (ModelAction.REMOVE, ModelAction.DELETE):
        library.do(action, model)
        turn()
        box = page.findChild(QMessageBox)
        yield f"models: {action.value}", box
        box.reject()
        turn()
    yield from _opened(desk, "models: what can be done", menu_of(view, [*first(model, Load()), *further(model)], print))
    library.finding.look()
    desk.wait(lambda: view.found.rows.rowCount() == 2 and view.found.again.isEnabled())
    turn()
    yield "models: found", window
    view.show_models()
    window.show_page("chat")


def finding_states(desk: Desk) -> Iterator[tuple[str, QWidget]]:
    """From what is recommended over a search to downloads (`scripted_hub.py`)."""
    page, view, window = desk.seedling.models_page, desk.seedling.discover_view, desk.window
    repository, strip = view.repository, view.downloads

    def turn(milliseconds: int = 60) -> None:
        desk.qtbot.wait(milliseconds)

    def search(words: str) -> None:
        view.field.setText(words)
        view.search.click()
        desk.wait(view.busy.isHidden)
        turn()

    def open_offer(place: int) -> None:
        view.list.opened.emit(view.rows.offers[place])
        desk.wait(lambda: repository.repository is not None)
        turn()

    window.show_page("models")
    page.show_view("discover")
    desk.wait(lambda: bool(view.rows.offers))
    turn()
    yield "find: recommended", window
    view.field.setText("qqqq")
    turn()
    yield "find: nothing recommended", window
    search("ZZ")
    yield "find: found", window
    open_offer(0)
    yield "find: a repository", window
    repository.more.click()
    repository.area.verticalScrollBar().setValue(repository.area.verticalScrollBar().maximum())
    turn()
    yield "find: all of its files", window
    for name in ("qqq2.gguf", "slow.gguf"):
        place = next(place for place, each in enumerate(repository.repository.choices) if each.name == name)
        repository.choices.button(str(place)).click()
        repository.download.click()
    key = desk.seedling.discover.downloads.transfers()[-1].wanted.key
    desk.wait(lambda: strip.row(key).words.text().count("GB") > 1)
    turn()
    yield "find: one fails, one is on its way", window
    strip.row(key).pause.click()
    desk.wait(strip.row(key).resume.isVisible)
    turn()
    yield "find: paused", window
    for place, name in ((1, "terms"), (2, "empty")):
        open_offer(place)
        turn()
        yield f"find: {name}", window
    open_offer(1)
    repository.token.click()
    turn()
    dialog = view.findChild(TokenDialog)
    yield "find: token", dialog
    dialog.reject()
    view.back.click()
    for words in ("nothing", "broken"):
        search(words)
        turn()
        yield f"find: {words}", window
    view.kinds.button("dataset").click()
    turn()
    yield "find: datasets", window
    for transfer in desk.seedling.discover.downloads.transfers():
        desk.seedling.discover.downloads.remove(transfer.wanted.key)
    view.kinds.button("model").click()
    view.field.clear()
    page.show_view("local")
    window.show_page("chat")


def servers_page_states(desk: Desk) -> Iterator[tuple[str, QWidget]]:
    """Servers and APIs, what is asked before they are connected, their keys and prices (`scripted_servers.py`)."""
    page, view, window = desk.seedling.models_page, desk.seedling.servers_view, desk.window
    servers = desk.seedling.servers

    def turn(milliseconds: int = 60) -> None:
        desk.qtbot.wait(milliseconds)

    window.show_page("models")
    turn()
    view.keep(())
    page.show_view("servers")
    yield "servers: before the list is read", window
    desk.wait(lambda: len(view.servers) == 3)
    turn()
    yield "servers: connected", window
    view.show_scanning(True)
    yield "servers: looking", window
    view.show_scanning(False)
    servers.look_for_servers()
    desk.wait(lambda: len(view.found) == 2)
    turn()
    yield "servers: found", window
    view.show_found((), "")
    servers.refresh()
    desk.wait(lambda: bool(view.card("far").server.problem))
    turn()
    yield "servers: one cannot be reached", window
    yield from _opened(desk, "servers: what can be done", view.card("far").menu())
    dialog = servers.open_dialog()
    turn()
    yield "servers: connect", dialog
    dialog.choose_service("openai")
    dialog.key.setText("ZZ")
    turn()
    yield "servers: connect a service", dialog
    dialog.choose_address("http://127.0.0.1:1/gone", "auto")
    dialog.go_on.click()
    desk.wait(lambda: bool(dialog.problem.text()))
    turn()
    yield "servers: nobody answers", dialog
    dialog.reject()
    for name, asking in server_dialogs(view):
        asking.open()
        turn()
        yield f"servers: {name}", asking
        asking.reject()
    servers._ask_to_disconnect(view.card("far").server)
    turn()
    box = view.findChild(QMessageBox)
    yield "servers: disconnect", box
    box.reject()
    desk.seedling.settings.set("stay_here", True)
    desk.wait(lambda: bool(view.stays.text()))
    turn()
    yield "servers: nothing leaves", window
    page.show_view("discover")
    turn()
    yield "find: nothing leaves", window
    yield from _privacy(desk, "nothing leaves")
    desk.seedling.settings.set("stay_here", False)
    desk.wait(lambda: not view.stays.text())
    yield from _privacy(desk, "words may leave")
    page.show_view("local")
    window.show_page("chat")
    for reach in ("machine", "network", "internet"):
        destination = Destination("ZZ", "openai", "https://api.example.com", reach)
        desk.page.picker.set_model("ZZ/ZZ", reach)
        desk.page.where.show_destination(destination)
        desk.page.welcome.set_model("ZZ/ZZ", False, destination)
        desk.page.show_welcome(reach != "network")
        turn()
        yield f"chat: a model of a server, {reach}", window
    ask_where_words_go(desk.page, destination, print)
    turn()
    box = desk.page.findChild(QMessageBox)
    yield "chat: words leave", box
    box.reject()
    desk.chat.models.look_again()
    desk.page.show_welcome(False)


def server_dialogs(parent: QWidget) -> Iterator[tuple[str, QDialog]]:
    yield "key", KeyDialog("ZZ", "https://api.example.com", parent)
    for has_file in (False, True):
        dialog = KeepDialog("ZZ ZZ ZZ.", has_file, False, parent)
        dialog.places.button("vault").click()
        yield f"where to keep the key, {'the file is there' if has_file else 'no file yet'}", dialog
    yield "passphrase", PassphraseDialog(parent)
    own = (Price("ZZ", "qqq*", 1.5, 10.0, "EUR", 0.25),)
    yield (
        "prices",
        PriceDialog(Table(own, (Price("ZZ", "qqqq", 3.0, 15.0, up_to=200_000, as_of="2026-11-18"),)), (), parent),
    )


def library_names() -> tuple[str, ...]:
    return ("starter", "slow", "refuse", "crash", "hang", "gone")


def about_states(desk: Desk) -> Iterator[tuple[str, QWidget]]:
    """About Seedling: as it opens, what a look finds, a file on its way and here, and the licences."""
    seedling, script = desk.seedling, paths.home() / "updates.script"
    updates = seedling.updates

    def look(what: str, phase: Phase) -> None:
        script.write_text(what)
        updates.look()
        desk.wait(lambda: updates.phase is phase)
        desk.wait(lambda: not updates.told.get("newer") or "ZZ" in dialog.updates.changes.toPlainText())
        desk.qtbot.wait(60)

    seedling.actions.run("about")
    dialog = desk.window.findChild(AboutDialog)
    desk.wait(lambda: bool(dialog.processor.text()))
    desk.qtbot.wait(30)
    yield "about", dialog
    for what, phase in (
        ("update_no_address", Phase.FAILED),
        ("update_unsigned", Phase.FAILED),
        ("newest", Phase.TOLD),
        ("elsewhere", Phase.TOLD),
        ("newer", Phase.TOLD),
    ):
        look(what, phase)
        yield f"about: {what}", dialog
    updates.download("slow.AppImage")
    desk.wait(lambda: updates.done > 0)
    desk.qtbot.wait(30)
    yield "about: fetching", dialog
    updates.stop()
    desk.wait(lambda: not updates.busy)
    updates.download("ZZ.deb")
    desk.wait(lambda: updates.phase is Phase.HERE)
    desk.qtbot.wait(30)
    yield "about: here", dialog
    dialog.licences.show_licences([Licence(f"ZZ{n}", "1.0", "ZZ", "ZZ ZZ\n" * 40) for n in range(30)])
    dialog.licences_wanted.disconnect()
    dialog.show_view("licences")
    desk.qtbot.wait(30)
    yield "about: licences", dialog
    dialog.licences.search.setText("qqqq")
    desk.qtbot.wait(30)
    yield "about: no licence found", dialog
    dialog.reject()


def _opened(desk: Desk, name: str, menu: QMenu) -> Iterator[tuple[str, QWidget]]:
    menu.popup(desk.window.mapToGlobal(desk.window.rect().topLeft()))
    desk.qtbot.wait(60)
    yield name, menu
    menu.close()


def _privacy(desk: Desk, name: str) -> Iterator[tuple[str, QWidget]]:
    """What the settings say of what leaves this computer."""
    desk.window.show_page("settings")
    desk.seedling.settings_page.show_section("privacy")
    desk.qtbot.wait(60)
    yield f"privacy: {name}", desk.seedling.settings_page.privacy
    desk.window.show_page("models")


def bound_ids(desk: Desk) -> list[str]:
    return [id for id in ACTIONS if id in {action.id for action in desk.seedling.actions.bound()}]
