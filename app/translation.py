"""The window's language: Qt's translators, loaded before there is a window, from `resources/translations`.

Every text is written in English and passes the translator. A translation that covers part of the program is shown
where the person chooses it, and never because the system speaks that language: a window in two languages is a choice.
"""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

from engine import paths
from engine.settings import IN_PART, OPTIONS, Settings


def install(application: QCoreApplication, settings: Settings) -> None:
    """Have the application speak as the option `language` says. What cannot be loaded leaves its texts in English."""
    code = _chosen(settings.text("language"))
    if code == "en":
        return
    places = (
        (f"qtbase_{code}", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)),  # of Qt's own buttons
        (f"seedling_{code}", str(paths.resource("translations"))),
    )
    for name, folder in places:
        translator = QTranslator(application)
        if translator.load(name, folder):
            application.installTranslator(translator)


def _chosen(option: str) -> str:
    """The code of a language; `system`: the first of the system's that the whole program is translated to."""
    if option != "system":
        return option
    whole = {code for code in OPTIONS["language"].choices if code not in IN_PART}
    wanted = (language.replace("_", "-").split("-")[0] for language in QLocale.system().uiLanguages())
    return next((code for code in wanted if code in whole), "en")
