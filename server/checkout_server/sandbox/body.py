"""Reading a JSON body that may lack anything."""

from typing import Any, cast

Body = dict[str, Any]


def part(body: Body, name: str) -> Body:
    """The object under a name; an empty one when there is none."""
    value: object = body.get(name)
    return cast(Body, value) if isinstance(value, dict) else {}


def parts(body: Body, name: str) -> list[Body]:
    """The objects of an array under a name."""
    value: object = body.get(name)
    return (
        [cast(Body, each) for each in cast(list[object], value) if isinstance(each, dict)]
        if isinstance(value, list)
        else []
    )
