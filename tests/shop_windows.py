"""The sandbox's catalogue, replaced for a test: afterwards it has its own products again, in their own order."""

from collections.abc import Generator
from contextlib import contextmanager

from checkout_server.sandbox.catalogue import PRODUCTS, Product


@contextmanager
def selling_only(*products: Product) -> Generator[None]:
    before = dict(PRODUCTS)
    PRODUCTS.clear()
    PRODUCTS.update({product.id: product for product in products})
    try:
        yield
    finally:
        PRODUCTS.clear()
        PRODUCTS.update(before)
