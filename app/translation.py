"""The window's language: Qt's translators, loaded before there is a window, from `resources/translations`.

Every text is written in English and passes the translator. A translation is shipped once it is whole.
"""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

from engine import paths
from engine.settings import OPTIONS, Settings

_OURS = "seedling_"  # and the code of a language: what its translator is called


def install(application: QCoreApplication, settings: Settings) -> None:
    """Have the application speak, and write figures, as the option `language` says. What cannot be loaded leaves its
    texts in English.
    """
    option = settings.text("language")
    code = _chosen(option)
    QLocale.setDefault(QLocale.system() if option == "system" else _figures(code))
    if code == "en":
        return
    places = (
        (f"qtbase_{code}", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)),  # of Qt's own buttons
        (f"{_OURS}{code}", str(paths.resource("translations"))),
    )
    for name, folder in places:
        translator = QTranslator(application)
        if translator.load(name, folder):
            translator.setObjectName(name)
            application.installTranslator(translator)


def spoken() -> str:
    """The code of the language that the window speaks, whatever has been chosen for the next start."""
    application = QCoreApplication.instance()
    names = [each.objectName() for each in application.findChildren(QTranslator)] if application is not None else []
    return next((name.removeprefix(_OURS) for name in names if name.startswith(_OURS)), "en")


def _figures(code: str) -> QLocale:
    """How numbers and dates are written in a language that was chosen: the system's way, where it speaks it too."""
    system, usual = QLocale.system(), QLocale(code)
    return system if system.language() == usual.language() else usual


def _chosen(option: str) -> str:
    """The code of a language; `system`: the first of the system's that there is."""
    if option != "system":
        return option
    wanted = (language.replace("_", "-").split("-")[0] for language in QLocale.system().uiLanguages())
    return next((code for code in wanted if code in OPTIONS["language"].choices), "en")
