"""Lets aiogram's models be built when they are first used, not all 400 of them at every start.

A model's schema holds those of all that it mentions, and for most that is nearly everything:
building each of them takes two seconds and 100 MB, and this bot uses thirty. Imported before
anything of aiogram; where it comes too late, all is as ever.
"""

import importlib
import re
import sys
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

_NAME = re.compile(r"\w+")


def _import_unbuilt() -> None:
    unbuilt: dict[type[BaseModel], Mapping[str, object]] = {}
    rebuild = vars(BaseModel)["model_rebuild"]

    def postpone(
        cls: type[BaseModel],
        /,
        _types_namespace: Mapping[str, object] | None = None,
        **options: Any,  # noqa: ANN401 - whatever pydantic itself asks for
    ) -> bool | None:
        if _types_namespace is None:
            rebuilt: bool | None = rebuild.__func__(cls, **options)
            return rebuilt
        unbuilt[cls] = _types_namespace
        return None

    setattr(BaseModel, "model_rebuild", classmethod(postpone))  # noqa: B010 - mypy forbids the other
    try:
        types = importlib.import_module("aiogram.types")
    finally:
        setattr(BaseModel, "model_rebuild", rebuild)  # noqa: B010
    for model, names in unbuilt.items():
        _make_known(model, names)
    if unbuilt:  # the first update must not wait for what every update needs
        types.Message.model_rebuild()
        types.Update.model_rebuild()


def _make_known(model: type[BaseModel], names: Mapping[str, object]) -> None:
    """Put what its annotations, its own and inherited ones, mention where pydantic will look."""
    module = vars(sys.modules[model.__module__])
    for base in model.__mro__:
        for annotation in vars(base).get("__annotations__", {}).values():
            for name in _NAME.findall(str(annotation)):
                if name in names:
                    module.setdefault(name, names[name])


_import_unbuilt()
