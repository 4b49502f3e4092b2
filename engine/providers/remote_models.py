"""The models of providers as the library has them. Asks nobody: what is known is what the list says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from engine.errors import EngineError
from engine.providers import base, provider_list
from engine.providers.base import Provider, RemoteModel
from engine.providers.provider_list import Listed
from engine.providers.reach import check_allowed, reach
from engine.settings import stored


def every() -> Iterator[tuple[Provider, RemoteModel]]:
    """Those of all providers, in the order of the list."""
    for listed in provider_list.read().values():
        yield from ((listed.provider, model) for model in listed.models)


def find(name: str) -> tuple[Provider, RemoteModel] | None:
    """The model called `provider/id`, listed or not; None where there is no such provider."""
    parts = base.names(name)
    listed = provider_list.read().get(parts[0]) if parts else None
    return None if parts is None or listed is None else (listed.provider, _of(listed, parts[1]))


def meant(name: str) -> tuple[Provider, RemoteModel]:
    """As `find`. Raises EngineError `provider_unknown`, and `unknown_model` for what is no such name."""
    parts = base.names(name)
    if parts is None:
        raise EngineError("unknown_model", name=name)
    listed = provider_list.find(parts[0])
    return listed.provider, _of(listed, parts[1])


def _of(listed: Listed, id: str) -> RemoteModel:
    known = (model for model in listed.models if model.id == id)
    return next(known, RemoteModel(listed.provider.name, id))


def trouble(provider: Provider, model: RemoteModel) -> EngineError | None:
    """Why a model cannot be chatted with, as far as can be told without asking."""
    try:
        check_stays(provider, model)
    except EngineError as error:
        return error
    if "embedding" in model.capabilities:
        return EngineError("provider_embeds", name=model.name)
    return None


def check_stays(provider: Provider, model: RemoteModel) -> None:
    """Raises EngineError `provider_stays` where the settings forbid to ask this model, wherever its server stands."""
    check_allowed(provider.name, provider.address)
    if model.leaves and stored("stay_here"):
        raise EngineError("provider_stays", name=model.name)


def leaves(provider: Provider, model: RemoteModel) -> bool:
    """Whether what is written to a model goes out into the internet."""
    return model.leaves or reach(provider.address) == "internet"


def details(provider: Provider, model: RemoteModel) -> dict[str, Any]:
    """What the library tells of a model, beside where it comes from; None for what its provider does not say."""
    return {
        "provider": provider.name,
        "provider_kind": provider.kind,
        "address": provider.address,
        "reach": reach(provider.address),
        "leaves": leaves(provider, model),
        "context": model.context,
        "parameters": model.parameters,
        "size_bytes": model.size_bytes,
        "quantization": model.quantization,
        "badges": list(model.capabilities),
    }
