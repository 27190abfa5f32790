"""The base of every request and result model."""

from typing import Any, ClassVar, cast

from pydantic import ConfigDict, ModelWrapValidatorHandler, PrivateAttr, model_validator

from checkout_schemas.personal import DiscreetModel


def is_unset(value: Any) -> bool:
    """Null, blank text, an empty list or object, or an object of nothing else: clients send these for "unset"."""
    left = [value]  # not recursive: the depth is the caller's
    while left:
        item = left.pop()
        if isinstance(item, dict):
            left += cast(dict[Any, Any], item).values()
        elif item is not None and item != [] and not (isinstance(item, str) and not item.strip()):
            return False
    return True


class ContractModel(DiscreetModel):
    """Without unknown fields."""

    model_config = ConfigDict(extra="forbid")


class RequestModel(ContractModel):
    """A request: what clients send to mean "unset" is taken as unset."""

    empty_if_unset: ClassVar[frozenset[str]] = frozenset()
    """Required lists that are empty where they are unset."""

    _floats: frozenset[str] = PrivateAttr(default=frozenset())
    """Fields that came as a float. Not part of what is sent or stored."""

    def came_as_float(self, name: str) -> bool:
        """Whether a field came as a float, such as 250.0: what is meant by it as money is not certain."""
        return name in self._floats

    @model_validator(mode="wrap")
    @classmethod
    def _read(cls, data: Any, build: ModelWrapValidatorHandler["RequestModel"]) -> "RequestModel":
        """Leave out what is unset, and remember what came as a float."""
        if not isinstance(data, dict):
            return build(data)
        values, fields = cast(dict[str, Any], data), cls.model_fields
        kept: dict[str, Any] = {name: [] for name in cls.empty_if_unset}
        kept |= {name: value for name, value in values.items() if name not in fields or not is_unset(value)}
        request = build(kept)
        if floats := frozenset(name for name, value in values.items() if isinstance(value, float)):
            request._floats = floats
        return request


class ResultModel(ContractModel):
    """A result: built field by field; what is not known is left out, never null."""

    def wire(self) -> dict[str, Any]:
        """The structured content of a tool result."""
        return self.model_dump(mode="json", exclude_none=True)
