"""Where goes what is written to a model of a server: known from the list of servers alone, so nobody is asked."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from app.background import Background
from app.providers.texts import host_of
from engine.providers import provider_list, reach
from engine.providers.base import names
from engine.providers.provider_list import Listed
from engine.settings import Settings

log = logging.getLogger(__name__)

_AGREED = "servers_agreed"


@dataclass(frozen=True)
class Destination:
    """A server that answers. reach: of `base.REACHES`; "internet" also where the server passes on what it is asked."""

    provider: str
    kind: str
    address: str
    reach: str
    passes_on: bool = False

    @property
    def host(self) -> str:
        return host_of(self.address)

    @property
    def leaves(self) -> bool:
        return self.reach != "machine"


class Destinations(QObject):
    """`changed`: other servers are connected, or other models are theirs."""

    changed = Signal()

    def __init__(self, settings: Settings, background: Background, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._settings, self._background = settings, background
        self._listed: dict[str, Listed] = {}

    def refresh(self) -> None:
        self._background.run(provider_list.read, self.take, lambda error: log.warning("no servers: %s", error))

    def of(self, model: str) -> Destination | None:
        """Of a model by its name; None where it is none of a server that is connected."""
        parts = names(model)
        listed = self._listed.get(parts[0]) if parts is not None else None
        if listed is None or parts is None:
            return None
        provider, far = listed.provider, reach.reach(listed.provider.address)
        passed_on = any(each.leaves for each in listed.models if each.id == parts[1])
        far = "internet" if passed_on else far
        return Destination(provider.name, provider.kind, provider.address, far, passed_on)

    @property
    def beyond(self) -> list[Destination]:
        """The servers that are not on this machine."""
        found = (each.provider for each in self._listed.values())
        all_of_them = [Destination(each.name, each.kind, each.address, reach.reach(each.address)) for each in found]
        return [destination for destination in all_of_them if destination.leaves]

    def is_forbidden(self, destination: Destination) -> bool:
        """Whether nothing may leave this computer, and this would."""
        return destination.leaves and bool(self._settings.flag("stay_here"))

    # --- what the person has agreed to --------------------------------------------------------------------------------

    def is_agreed(self, destination: Destination) -> bool:
        """Another address under the same name is another server."""
        return (
            not destination.leaves or self._settings.mapping(_AGREED).get(destination.provider) == destination.address
        )

    def agree(self, destination: Destination) -> None:
        self._settings.set(_AGREED, self._settings.mapping(_AGREED) | {destination.provider: destination.address})
        self._background.run(self._settings.save, lambda _: None, lambda error: log.warning("not kept: %s", error))

    def take(self, listed: Mapping[str, Listed]) -> None:
        """The list as somebody has just read it."""
        if listed != self._listed:
            self._listed = dict(listed)
            self.changed.emit()
