"""What the demo sells from: a stand-in API of its own, and a server that has nothing of this machine's settings."""

import sys
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from checkout_server.cli.demo.network import Network, running_network
from checkout_server.sandbox.app import create_app
from checkout_server.sandbox.catalogue import PRODUCTS
from checkout_server.sandbox.listener import running_app
from checkout_server.sandbox.sessions import Sandbox
from checkout_server.settings.loading import foreign_environment

if TYPE_CHECKING:
    from mcp import StdioServerParameters


@dataclass(frozen=True, slots=True)
class Shop:
    """The stand-in API of one demo."""

    sandbox: Sandbox
    network: Network
    url: str
    """At the network's near end."""
    folder: Path

    @property
    def log(self) -> Path:
        """What the server writes on stderr."""
        return self.folder / "stderr.log"

    def server(self) -> "StdioServerParameters":
        """How the server is started. It must never reach a real account, a real ledger or a collector of spans."""
        from mcp import StdioServerParameters

        own = {
            "DODO_PAYMENTS_API_KEY": "demo",
            "DODO_PAYMENTS_BASE_URL": self.url,
            "CHECKOUT_LEDGER": str(self.folder / "ledger.db"),
            "no_proxy": "*",  # in small letters it goes before the other spelling
        }
        others = {name: value for name, value in foreign_environment().items() if not name.startswith("OTEL_")}
        return StdioServerParameters(command=sys.executable, args=["-m", "checkout_server"], env=others | own)


@asynccontextmanager
async def open_shop(folder: Path) -> AsyncGenerator[Shop]:
    """A stand-in API behind a network, for as long as the block runs."""
    sandbox = Sandbox()
    async with (
        running_app(create_app(sandbox)) as api,
        running_network(urlsplit(api).port or 0) as (network, url),
    ):
        yield Shop(sandbox, network, url, folder)


@contextmanager
def another_price(product_id: str, price: int) -> Generator[None]:
    """The stand-in API has another price for a product, in minor units, while the block runs."""
    usual = PRODUCTS[product_id]
    PRODUCTS[product_id] = replace(usual, price=price)
    try:
        yield
    finally:
        PRODUCTS[product_id] = usual
