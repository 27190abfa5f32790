"""What is served, in the order of a sale."""

from checkout_server.tools.create_checkout_session import CREATE_CHECKOUT_SESSION
from checkout_server.tools.get_checkout_session import GET_CHECKOUT_SESSION
from checkout_server.tools.list_products import LIST_PRODUCTS
from checkout_server.tools.preview_checkout import PREVIEW_CHECKOUT

TOOLS = (LIST_PRODUCTS, PREVIEW_CHECKOUT, CREATE_CHECKOUT_SESSION, GET_CHECKOUT_SESSION)
