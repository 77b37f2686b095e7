"""Imports libraries with their pydantic models unbuilt: each is built when it is first used.

Where a library was imported before, all is as ever.
"""

import importlib
import re
import sys
from collections.abc import Mapping
from typing import Any, Final

from pydantic import BaseModel

_NAME: Final = re.compile(r"\w+")


def import_unbuilt(*modules: str) -> None:
    unbuilt: dict[type[BaseModel], Mapping[str, object]] = {}
    rebuild = vars(BaseModel)["model_rebuild"]

    def postpone(
        cls: type[BaseModel],
        /,
        _types_namespace: Mapping[str, object] | None = None,
        **options: Any,  # noqa: ANN401 - whatever pydantic itself asks for
    ) -> bool | None:
        if options:  # by pydantic, because the model is used
            rebuilt: bool | None = rebuild.__func__(cls, **options)
            return rebuilt
        unbuilt[cls] = _types_namespace or {}
        return None

    setattr(BaseModel, "model_rebuild", classmethod(postpone))  # noqa: B010 - mypy forbids the other
    BaseModel.model_config["defer_build"] = True  # what is defined meanwhile inherits it
    try:
        for module in modules:
            importlib.import_module(module)
    finally:
        del BaseModel.model_config["defer_build"]
        setattr(BaseModel, "model_rebuild", rebuild)  # noqa: B010
    for model, names in unbuilt.items():
        _make_known(model, names)


def _make_known(model: type[BaseModel], names: Mapping[str, object]) -> None:
    """Put what its annotations, its own and inherited ones, mention where pydantic will look."""
    module = vars(sys.modules[model.__module__])
    for base in model.__mro__:
        for annotation in vars(base).get("__annotations__", {}).values():
            for name in _NAME.findall(str(annotation)):
                if name in names:
                    module.setdefault(name, names[name])
