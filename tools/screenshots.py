"""Take the pictures of docs/images: every state of the window, from a home made for it. Needs no screen.

    python tools/screenshots.py [OUT] [NAME ...]

Without OUT those of the guide go beside its chapters, in light and dark, with few colours so that they are small; those
in another language are named like `de/first-chat`.
The replies are the starter's own, the failures real ones; only the older chats in the list are written for the picture.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import apsw

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import (  # noqa: E402  # after the platform is chosen
    QCoreApplication,
    QDeadlineTimer,
    QEvent,
    QPoint,
    Qt,
    QTranslator,
)
from PySide6.QtGui import QImage  # noqa: E402
from PySide6.QtWidgets import QApplication  # noqa: E402

from app import translation  # noqa: E402
from app.application import Seedling  # noqa: E402
from app.chat.load import LoadState  # noqa: E402
from app.library.model_actions import ModelAction  # noqa: E402
from engine import paths  # noqa: E402
from engine.chat.messages import Message  # noqa: E402
from engine.chat.store import Store  # noqa: E402
from engine.events import Model  # noqa: E402
from engine.library import models  # noqa: E402
from engine.settings import OPTIONS, Settings, Value  # noqa: E402

SECONDS = 300  # the longest a state may take to come about
DAY = 86_400

OLDER = {
    "en": (
        "A name for a sailing boat",
        "Soup for six",
        "Why leaves turn red",
        "Packing list, three days",
        "A letter to grandma",
        "Regular expressions, gently",
        "Rhymes with orange",
    ),
    "de": (
        "Ein Name für ein Segelboot",
        "Suppe für sechs",
        "Warum Blätter rot werden",
        "Packliste für drei Tage",
        "Ein Brief an Oma",
        "Reguläre Ausdrücke, ganz sanft",
        "Reime auf Orange",
    ),
}
AGES = (0.1, 0.4, 1.2, 2.5, 6, 20, 45)  # in days

CODE = """Here is a function that does it:

```python
def longest_word(text: str) -> str:
    \"\"\"The longest word of a text; the first of several.\"\"\"
    words = text.split()
    return max(words, key=len, default="")  # an empty text has none
```

| text | result |
|---|---|
| `"a green seedling"` | `"seedling"` |
| `""` | `""` |

1. `split()` cuts at any white space.
2. `max` keeps the **first** of equals.
"""

ARABIC = """البذرة الصغيرة تحتاج إلى ثلاثة أشياء:

- **الماء** كل صباح
- *الضوء* طوال النهار
- قليلًا من الصبر

ثم تنمو وحدها."""

CUT = "Once upon a time there was a little boat named Bob. Bob liked to float on the pond. One day a big wind came and"


@dataclass
class Stage:
    """The window and what a person does with it."""

    seedling: Seedling
    store: Store

    def wait(self, condition: Callable[[], bool]) -> None:
        deadline = QDeadlineTimer(SECONDS * 1000)
        while not condition():
            if deadline.hasExpired():
                raise TimeoutError
            QCoreApplication.processEvents()
            time.sleep(0.002)

    def rest(self, seconds: float = 0.4) -> None:
        """Let animations end and what is late arrive."""
        end = time.monotonic() + seconds
        self.wait(lambda: time.monotonic() > end)

    def write(self, text: str) -> None:
        self.seedling.page.composer.restore(text)

    def ask(self, text: str) -> None:
        """Send it and wait until the reply is whole, or has failed."""
        ended: list[Any] = []
        self.seedling.replies.ended.connect(ended.append)
        self.seedling.replies.refused.connect(lambda *_: ended.append(None))
        self.write(text)
        self.seedling.chat.send()
        self.wait(lambda: bool(ended))
        self.rest()


def nothing(_: Stage) -> None:
    pass


@dataclass(frozen=True)
class Picture:
    """`chat`: messages of a chat shown at start, each role, text and state. `act` brings the state about."""

    act: Callable[[Stage], None] = nothing
    chat: tuple[tuple[str, str, str], ...] = ()
    title: str = ""
    older: bool = True
    size: tuple[int, int] = (1280, 800)
    settings: dict[str, Value] = field(default_factory=lambda: {"theme": "light"})
    model: str = "starter"
    mirrored: bool = False


def ready(stage: Stage) -> None:
    stage.wait(lambda: stage.seedling.replies.load.state is LoadState.LOADED)
    stage.rest()


def stream(stage: Stage) -> None:
    """Half a story, in the moment it is written."""
    stage.seedling.chat.choose_model("starter (in-house)")
    stage.ask("Hello! Who are you?")
    arrived: list[str] = []
    stage.seedling.replies.grew.connect(lambda _, text: arrived.append(text))
    stage.write("Tell me a story about a fox and a boat.")
    stage.seedling.chat.send()
    stage.wait(lambda: sum(map(len, arrived)) > 250)


def talk(stage: Stage) -> None:
    stage.ask("Hello! Who are you?")
    stage.ask("Tell me a story about a fox and a boat.")
    stage.ask("Where do I change the theme?")


def search(stage: Stage) -> None:
    stage.seedling.actions.run("palette")
    stage.seedling.palette.field.setText("the")
    stage.rest()


def data(stage: Stage) -> None:
    """Something to learn from, looked at and planned."""
    training = stage.seedling.training
    training.open([paths.resource("starter") / "about.jsonl"])
    stage.wait(lambda: training.planner.plan is not None)
    stage.rest()


def settings_of_training(stage: Stage) -> None:
    data(stage)
    prepare = stage.seedling.training_page.prepare
    prepare.settings.button.click()
    stage.rest()
    form = prepare.form
    assert form is not None
    prepare.area.verticalScrollBar().setValue(form.rows["optimizer"].mapTo(prepare.area.widget(), QPoint()).y() - 60)
    stage.rest()


def grown(stage: Stage) -> None:
    """A short training, to its end."""
    data(stage)
    page, training = stage.seedling.training_page, stage.seedling.training
    page.prepare.questions.time.button("short").click()
    stage.wait(lambda: training.planner.plan is None)
    stage.wait(page.prepare.foot.start.isEnabled)
    page.prepare.foot.start.click()
    stage.wait(lambda: page.view is page.watch)
    stage.wait(lambda: not training.trainings.running)
    stage.rest(2)


# Nothing of the computer that the pictures are taken on is looked for.
USUAL: dict[str, Value] = {"sidebar_shown": True, "panel_shown": False, "motion": False, "stores_offered": True}


def library(stage: Stage) -> None:
    """Models of several kinds: the starter in both forms, copies by other names, one that is gone; one is loaded."""
    folder = paths.home().parent / "Models"
    folder.mkdir(exist_ok=True)
    source = paths.resource("starter") / "starter-q8_0.gguf"
    for name in ("little fox", "rainy day", "storyteller", "lost on a stick"):
        shutil.copyfile(source, folder / f"{name}.gguf")
        models.add(folder / f"{name}.gguf")
    (folder / "lost on a stick.gguf").unlink()
    seedling = stage.seedling
    seedling.window.show_page("models")
    view = seedling.models_page.local
    stage.wait(lambda: view.rows.rowCount() == 6 and bool(view.rows.model_of("storyteller")))
    view.select("storyteller")
    stage.wait(lambda: view.detail.memory.verdict.text() != "" and view.detail.memory.known)
    view.detail.button(ModelAction.LOAD).click()
    stage.wait(lambda: seedling.replies.load.path.endswith("storyteller.gguf"))
    stage.wait(lambda: seedling.replies.load.state is LoadState.LOADED)
    stage.rest()


def settings_of_model(stage: Stage) -> None:
    library(stage)
    view = stage.seedling.models_page.local
    view.open_settings()
    stage.rest()
    view.detail.area.verticalScrollBar().setValue(view.detail.settings.y() - 20)
    stage.rest()


def first_steps(stage: Stage) -> None:
    """A home that has never been used, on a computer where Ollama has models and runs.

    What is found is written for the picture: the computer that takes it has neither.
    """
    steps = stage.seedling.first_steps
    stage.wait(lambda: not steps._scan.running and not steps.view.suggestion.isHidden())
    for name in ("gemma3:4b", "qwen3:8b", "nomic-embed-text"):
        steps._take(Model(name, f"/models/{name}", "gguf", "llama", False, None, {"store": "ollama"}))
    steps._scanned(set(), None)
    stage.rest()


DARK: dict[str, Value] = {"theme": "dark"}
NEW: dict[str, Value] = {"theme": "light", "stores_offered": False}
PYTHON = (("user", "Write a Python function that finds the longest word.", "done"), ("assistant", CODE, "done"))
BOAT = (("user", "Tell me a story about a boat.", "done"), ("assistant", CUT, "interrupted"))
SEED = (("user", "ماذا تحتاج البذرة لتنمو؟", "done"), ("assistant", ARABIC, "done"))

PICTURES: dict[str, Picture] = {
    "welcome": Picture(older=False),
    "welcome-dark": Picture(older=False, settings=DARK),
    "first-steps": Picture(first_steps, older=False, settings=NEW),
    "first-steps-dark": Picture(first_steps, older=False, settings=NEW | DARK),
    "first-steps-narrow": Picture(first_steps, older=False, settings=NEW, size=(800, 600)),
    "first-steps-200-percent": Picture(
        first_steps, older=False, settings=NEW | {"font_percent": 200}, size=(1600, 1000)
    ),
    "first-steps-german": Picture(first_steps, older=False, settings=NEW | {"language": "de"}),
    "settings-german": Picture(
        lambda stage: stage.seedling.window.show_page("settings"), settings={"theme": "light", "language": "de"}
    ),
    "empty": Picture(),
    "chat": Picture(talk),
    "streaming": Picture(stream, settings=DARK),
    "code": Picture(chat=PYTHON, title="The longest word"),
    "code-dark": Picture(chat=PYTHON, title="The longest word", settings=DARK),
    "error": Picture(lambda stage: stage.ask("Go on, please."), BOAT, "A boat", model="llama-that-was-deleted"),
    "interrupted": Picture(chat=BOAT, title="A boat"),
    "settings": Picture(lambda stage: stage.seedling.window.show_page("settings")),
    "settings-dark": Picture(lambda stage: stage.seedling.window.show_page("settings"), settings=DARK),
    "palette": Picture(search, chat=PYTHON, title="The longest word"),
    "models": Picture(library),
    "models-dark": Picture(settings_of_model, settings=DARK, size=(1920, 1080)),
    "models-narrow": Picture(library, size=(800, 600)),
    "training": Picture(lambda stage: stage.seedling.window.show_page("training")),
    "training-data": Picture(data),
    "training-data-dark": Picture(data, settings=DARK, size=(1920, 1080)),
    "training-narrow": Picture(data, size=(800, 600)),
    "training-settings": Picture(settings_of_training),
    "training-run": Picture(grown, settings=DARK),
    "200-percent": Picture(talk, settings={"theme": "light", "font_percent": 200}, size=(1600, 1000)),
    "high-contrast": Picture(talk, settings={"theme": "contrast"}),
    "narrow": Picture(talk, size=(800, 600)),
    "right-to-left": Picture(chat=SEED, title="البذرة", mirrored=True),
}


def discover(stage: Stage) -> None:
    """What is recommended for this computer; the hub is not asked."""
    stage.seedling.window.show_page("models")
    stage.seedling.models_page.show_view("discover")
    stage.rest(1)


def servers(stage: Stage) -> None:
    stage.seedling.window.show_page("models")
    stage.seedling.models_page.show_view("servers")
    stage.rest()


def from_nothing(stage: Stage) -> None:
    """A text to grow a model from."""
    training = stage.seedling.training
    text = paths.home() / "letters.txt"
    text.write_text((paths.resource("check.txt")).read_text(encoding="utf-8") * 40, encoding="utf-8")
    training.open([text])
    stage.wait(lambda: training.planner.plan is not None)
    stage.seedling.training_page.prepare.questions.goal.button("new").click()
    stage.rest(1)
    stage.wait(lambda: training.planner.plan is not None)
    stage.rest()


# Of the guide, each taken in light and in dark, and in every language.
_GUIDE: dict[str, Picture] = {
    "first-chat": Picture(ready, size=(960, 600)),
    "first-download": Picture(discover, size=(960, 600)),
    "first-finetune": Picture(data, size=(1100, 700)),
    "trained": Picture(grown, size=(1100, 700)),
    "first-model": Picture(from_nothing, size=(1100, 700)),
    "servers": Picture(servers, size=(960, 300)),
}
GUIDE = _GUIDE | {
    f"{language}/{name}": replace(picture, settings=picture.settings | {"language": language})
    for language in OPTIONS["language"].choices
    if language not in ("system", "en")
    for name, picture in _GUIDE.items()
}


def main(arguments: list[str]) -> None:
    chosen = Path(arguments[0]) if arguments else None
    pictures = PICTURES | GUIDE
    application = QApplication(sys.argv[:1])
    font = application.font()
    for name in arguments[1:] or pictures:
        picture = pictures[name]
        out = (chosen / f"{name}.png") if chosen else usual(name)
        out.parent.mkdir(parents=True, exist_ok=True)
        application.setStyleSheet("")  # as a program that has just begun
        application.setFont(font)
        application.setLayoutDirection(
            Qt.LayoutDirection.RightToLeft if picture.mirrored else Qt.LayoutDirection.LeftToRight
        )
        with tempfile.TemporaryDirectory() as folder:
            os.environ["SEEDLING_HOME"] = str(Path(folder) / "Seedling")
            take(application, picture, out, guide=name in GUIDE)
        print(name, flush=True)


def usual(name: str) -> Path:
    """Where a picture lies."""
    language, _, plain = name.rpartition("/")
    folder = ROOT / "resources" / "guide" / language if name in GUIDE else ROOT / "docs"
    return folder / "images" / f"{plain}.png"


def take(application: QApplication, picture: Picture, out: Path, guide: bool = False) -> None:
    settings = Settings()
    for name, value in (USUAL | picture.settings).items():
        settings.set(name, value)
    translation.install(application, settings)
    fill(picture, settings)
    store = Store(paths.database())
    seedling = Seedling(application, store, settings)
    seedling.start()
    seedling.window.resize(*picture.size)
    stage = Stage(seedling, store)
    stage.rest()
    picture.act(stage)
    QCoreApplication.processEvents()
    save(seedling, out, guide)
    if guide:
        seedling.options.set("theme", "dark")
        stage.rest(4)  # curves are drawn again when there is time
        save(seedling, out.with_stem(f"{out.stem}-dark"), guide)
    seedling.window.close()
    seedling.window.deleteLater()
    seedling.deleteLater()
    for translator in application.findChildren(QTranslator):
        application.removeTranslator(translator)
        translator.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def save(seedling: Seedling, out: Path, small: bool) -> None:
    image = seedling.window.grab().toImage()
    if not (with_few_colours(image) if small else image).save(str(out), "PNG", 0):  # 0: as small as it gets
        raise OSError(f"{out} cannot be written")


def with_few_colours(image: QImage) -> QImage:
    """The same in its 256 commonest colours; any other becomes the one nearest to it. Windows have little more."""
    import numpy as np

    image = image.convertToFormat(QImage.Format.Format_RGB32)
    pixels = np.frombuffer(image.constBits(), np.uint32).reshape(image.height(), -1)[:, : image.width()]
    colours, places, counts = np.unique(pixels, return_inverse=True, return_counts=True)
    kept = np.argsort(counts)[-256:]
    parts = np.stack([colours >> shift & 255 for shift in (16, 8, 0)], axis=1).astype(np.int32)
    nearest = np.abs(parts[:, None] - parts[kept][None]).sum(axis=2).argmin(axis=1).astype(np.uint8)
    numbers = np.ascontiguousarray(nearest[places].reshape(pixels.shape))
    small = QImage(numbers.data, image.width(), image.height(), image.width(), QImage.Format.Format_Indexed8)
    small.setColorTable([int(colour) | 0xFF000000 for colour in colours[kept]])
    return small.copy()


def fill(picture: Picture, settings: Settings) -> None:
    """The chats of the picture's home; the one to be shown last."""
    ages = {}
    store = Store(paths.database())
    older = zip(OLDER.get(translation.spoken(), OLDER["en"]), AGES, strict=True)
    for title, days in older if picture.older else ():
        chat = store.create_chat(title, "starter").result()
        store.add_message(chat, Message("user", title)).result()
        ages[chat] = days * DAY
    if picture.chat:
        chat = store.create_chat(picture.title, picture.model).result()
        for role, text, state in picture.chat:
            store.add_message(chat, Message(role, text), state).result()
        settings.set("chat", chat)
    store.close()
    connection = apsw.Connection(str(paths.database()))
    for chat, age in ages.items():
        connection.execute("UPDATE chats SET updated = ? WHERE id = ?", (time.time() - age, chat))
    connection.close()


if __name__ == "__main__":
    main(sys.argv[1:])
