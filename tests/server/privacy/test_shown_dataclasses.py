"""A dataclass shows no value that could be a buyer's, an agent's or a secret, wherever it is printed."""

import dataclasses
import importlib
import pkgutil
from collections.abc import Iterator

import pytest

import checkout_server

NEVER_SHOWN = {
    "checkout_url", "client_id", "content", "customer", "customers", "digest", "email", "ending", "env", "issuer",
    "keys", "license_keys", "order", "phone", "question", "request", "subject", "token_hash",
}  # fmt: skip
"""Fields by their names, since one word has one meaning here."""
NOBODYS = {
    "Answers.issuer": "a setting: the URL of the authorization server",
    "Entry.order": "sealed",
    "Finding.subject": "what the doctor looked at",
    "Form.env": "under which key a client's file has its variables",
    "LoggedCall.request": "a model, which masks its own fields",
    "Patience.request": "seconds",
    "Payment.license_keys": "of the sandbox, each of which hides itself",
    "Product.license_keys": "how many a product has",
    "ToolDefinition.request": "a class",
}


def dataclasses_of_the_server() -> Iterator[type]:
    for module in pkgutil.walk_packages(checkout_server.__path__, "checkout_server."):
        if module.name.endswith("__main__"):
            continue
        for each in vars(importlib.import_module(module.name)).values():
            if isinstance(each, type) and dataclasses.is_dataclass(each) and each.__module__ == module.name:
                yield each


@pytest.mark.requirement("privacy.types")
def test_no_dataclass_shows_what_could_be_somebodys() -> None:
    shown = {
        f"{each.__name__}.{field.name}"
        for each in dataclasses_of_the_server()
        if "__repr__" in vars(each)
        for field in dataclasses.fields(each)
        if field.repr and field.name in NEVER_SHOWN
    }
    assert shown == NOBODYS.keys()
