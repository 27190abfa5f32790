"""An exception as its type and the places it went through: never text, locals or arguments.

Names in a running program can be made from data, too. So a type is named only when its module defines it under that
name, and a place only when its code belongs to a loaded module's file.
"""

import re
import sys
import traceback
from collections.abc import Iterator, Mapping
from importlib.machinery import ModuleSpec
from types import CodeType
from typing import Any, cast

MOST_FRAMES = 12
MOST_CAUSES = 8
UNKNOWN = "?"

_plain = re.compile(r"[A-Za-z0-9_./:<>-]{1,200}").fullmatch


def type_name(cls: type) -> str:
    """The class's name, or that of its nearest base whose name stands in real code."""
    return next((name for each in type.mro(cls) if (name := _name_in_code(each))), "object")


def _name_in_code(cls: type) -> str | None:
    """The name under which the class stands in its module; its ``__name__`` may have been changed."""
    owner: Any = sys.modules.get(str(cls.__module__))
    part = ""
    for part in str(cls.__qualname__).split("."):
        # vars: attribute access could run a module's __getattr__.
        owner = cast(dict[str, Any], getattr(owner, "__dict__", {})).get(part)
    return part if owner is cls and part.isidentifier() and part.isascii() and len(part) <= 64 else None


_paths: dict[str, str] = {}
"""Files of loaded modules that were looked for, as they are shown."""


def place_in(filename: str, line: int) -> str:
    """``package/module.py:12`` for a file of a loaded module; otherwise ``?``. A record can hold anything."""
    if type(filename) is not str or type(line) is not int:
        return UNKNOWN
    if filename not in _paths:
        found = (name for name, module in list(sys.modules.items()) if getattr(module, "__file__", None) == filename)
        name = next(found, None)
        if name is None:
            return UNKNOWN
        _paths[filename] = _path_in_package(name, filename)
    return _shown(f"{_paths[filename]}:{line}")


def _path_in_package(module: str, filename: str) -> str:
    path = filename.replace("\\", "/").split("/")
    parts = 1 if module == "__main__" else module.count(".") + 1 + (path[-1] == "__init__.py")
    return "/".join(path[-parts:])


def _frame(code: CodeType, names: Mapping[str, Any], line: int) -> str:
    module = names.get("__name__")
    if not isinstance(module, str) or _file_of(module, names) != code.co_filename:
        return UNKNOWN
    return _shown(f"{_path_in_package(module, code.co_filename)}:{line}:{code.co_name}")


def _file_of(module: str, names: Mapping[str, Any]) -> str | None:
    """The file of a loaded module, or of one whose import just failed and which is loaded no more."""
    loaded, spec = sys.modules.get(module), names.get("__spec__")
    if loaded is None and isinstance(spec, ModuleSpec) and spec.has_location:
        return spec.origin
    return getattr(loaded, "__file__", None)


def _shown(place: str) -> str:
    return place if _plain(place) else UNKNOWN


def frames(error: BaseException) -> list[str]:
    """The last places an exception went through, as file, line and function."""
    places = [_frame(frame.f_code, frame.f_globals, line) for frame, line in traceback.walk_tb(error.__traceback__)]
    return places[-MOST_FRAMES:]


def causes(error: BaseException) -> list[str]:
    """What is behind an exception, nearest first: causes, contexts and the parts of groups, each with its place."""
    return [_with_place(each) for each, _ in zip(_behind(error, {id(error)}), range(MOST_CAUSES), strict=False)]


def _with_place(error: BaseException) -> str:
    places = frames(error)
    return type_name(type(error)) + (f" at {places[-1]}" if places else "")


def _behind(error: BaseException, seen: set[int]) -> Iterator[BaseException]:
    context = None if error.__suppress_context__ else error.__context__
    parts: tuple[Any, ...] = cast(Any, error).exceptions if isinstance(error, BaseExceptionGroup) else ()
    for each in (error.__cause__, context, *parts):
        if isinstance(each, BaseException) and id(each) not in seen:
            seen.add(id(each))
            yield each
            yield from _behind(each, seen)
