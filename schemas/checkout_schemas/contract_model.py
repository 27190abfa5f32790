"""The base of every request and result model."""

from typing import Any, ClassVar

from pydantic import ConfigDict, model_validator

from checkout_schemas.personal import DiscreetModel


def is_unset(value: Any) -> bool:
    """Null, an empty string, list or object, or an object of nothing else: clients send these for "unset"."""
    if isinstance(value, dict):
        return all(is_unset(item) for item in value.values())  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType] - raw JSON
    return value is None or value == "" or value == []


class ContractModel(DiscreetModel):
    """Without unknown fields."""

    model_config = ConfigDict(extra="forbid", defer_build=True)


class RequestModel(ContractModel):
    """A request: what clients send to mean "unset" is taken as unset."""

    keeps_empty: ClassVar[frozenset[str]] = frozenset()
    """Fields in which an empty value says something."""

    @model_validator(mode="before")
    @classmethod
    def _drop_unset(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        droppable = cls.model_fields.keys() - cls.keeps_empty
        return {name: value for name, value in data.items() if name not in droppable or not is_unset(value)}  # pyright: ignore[reportUnknownVariableType] - raw JSON


class ResultModel(ContractModel):
    """A result: built field by field; what is not known is left out, never null."""

    def wire(self) -> dict[str, Any]:
        """The structured content of a tool result."""
        return self.model_dump(mode="json", exclude_none=True)
