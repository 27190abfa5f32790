"""What leaves: methods, paths, headers, bodies, and over which connections."""

from datetime import UTC, datetime, timedelta
from importlib.metadata import version

import pytest

from answer_fields import OPERATIONS
from checkout_server.privacy.vocabulary.routes import route_of


@pytest.mark.requirement("gateway.requests")
async def test_each_operation_makes_the_request_that_the_api_documents(api, gateway, documents):
    asked = (
        "list_products", "get_product", "list_addons", "list_saved_methods", "preview", "create", "get_session",
        "list_payments", "get_payment", "get_subscription", "list_license_keys",
    )  # fmt: skip
    assert {*asked} == {*OPERATIONS}
    api.script = [api.http(200, documents[each]) for each in asked]
    since = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
    await gateway.list_products(page_number=2, page_size=50, recurring=False, locale="fr")
    await gateway.get_product("prod_1")
    await gateway.list_addons(page_number=0, page_size=100, locale="fr")
    await gateway.list_saved_methods("cus_1")
    await gateway.preview({"product_cart": [], "customer_business_name": "Café 🧾"}, locale="pt-BR")
    await gateway.create({"metadata": {"mcp_preview_id": "prv_1"}})
    await gateway.get_session("cks_1")
    until = since + timedelta(minutes=25)
    await gateway.list_payments(
        page_number=0, page_size=100, created_at_gte=since, created_at_lte=until, customer_id="cus_1"
    )
    await gateway.get_payment("pay_1")
    await gateway.get_subscription("sub_1")
    await gateway.list_license_keys(page_number=1, page_size=100, customer_id="cus_1", created_at_gte=since)
    assert [(each.method, each.target, each.body) for each in api.heard] == [
        ("GET", "/products?page_number=2&page_size=50&recurring=false&locale=fr", None),
        ("GET", "/products/prod_1", None),
        ("GET", "/addons?page_number=0&page_size=100&locale=fr", None),
        ("GET", "/customers/cus_1/payment-methods", None),
        ("POST", "/checkouts/preview?locale=pt-BR", {"product_cart": [], "customer_business_name": "Café 🧾"}),
        ("POST", "/checkouts", {"metadata": {"mcp_preview_id": "prv_1"}}),
        ("GET", "/checkouts/cks_1", None),
        (
            "GET",
            "/payments?page_number=0&page_size=100&created_at_gte=2026-11-23T09%3A30%3A00%2B00%3A00"
            "&created_at_lte=2026-11-23T09%3A55%3A00%2B00%3A00&customer_id=cus_1",
            None,
        ),
        ("GET", "/payments/pay_1", None),
        ("GET", "/subscriptions/sub_1", None),
        (
            "GET",
            "/license_keys?page_number=1&page_size=100&customer_id=cus_1"
            "&created_at_gte=2026-11-23T09%3A30%3A00%2B00%3A00",
            None,
        ),
    ]
    assert [each.target for each in api.heard if route_of(each.target) is None] == [], "a log line could not name it"


@pytest.mark.requirement("gateway.requests")
async def test_every_request_says_who_it_is(api, gateway, call, documents):
    api.answers(200, documents["create"])
    await call(gateway, "create")
    headers = api.heard[0].headers
    assert {name: headers[name] for name in ("authorization", "user-agent", "accept", "content-type")} == {
        "authorization": "Bearer sk_test_NOBODY_MAY_SEE_THIS",
        "user-agent": f"dodo-checkout-mcp/{version('dodo-checkout-mcp')}",
        "accept": "application/json",
        "content-type": "application/json",
    }


IDS = {
    "../payments": "%2E%2E%2Fpayments",
    "..": "%2E%2E",
    "a?b#c d": "a%3Fb%23c%20d",
    "ключ": "%D0%BA%D0%BB%D1%8E%D1%87",
}
BY_ID = {
    "get_session": "/checkouts/",
    "get_product": "/products/",
    "get_payment": "/payments/",
    "get_subscription": "/subscriptions/",
}


@pytest.mark.requirement("gateway.requests")
def test_every_operation_that_gets_one_thing_is_given_such_ids():
    assert {*BY_ID} == {each for each in OPERATIONS if each.startswith("get_")}


@pytest.mark.requirement("gateway.requests")
@pytest.mark.parametrize(("text", "segment"), IDS.items())
async def test_a_customer_id_cannot_leave_its_segment_of_the_path(api, gateway, documents, text, segment):
    api.answers(200, documents["list_saved_methods"])
    await gateway.list_saved_methods(text)
    assert [each.target for each in api.heard] == [f"/customers/{segment}/payment-methods"]


@pytest.mark.requirement("gateway.requests")
@pytest.mark.parametrize(("text", "segment"), IDS.items())
@pytest.mark.parametrize(("operation", "folder"), BY_ID.items())
async def test_an_id_cannot_leave_its_segment_of_the_path(api, gateway, documents, operation, folder, text, segment):
    api.answers(200, documents[operation])
    await getattr(gateway, operation)(text)
    assert [each.target for each in api.heard] == [folder + segment]


@pytest.mark.requirement("gateway.requests")
async def test_a_path_in_the_base_url_is_kept(api, open_gateway, call, documents):
    api.answers(200, documents["get_product"])
    await call(open_gateway(base_url=f"{api.url}/proxy/dodo/"), "get_product")
    assert [each.target for each in api.heard] == ["/proxy/dodo/products/prod_1"]


@pytest.mark.requirement("gateway.requests")
async def test_reads_and_previews_share_one_connection(api, gateway, call, documents):
    operations = ["preview", "get_product", "list_products", "get_session", "list_payments", "preview"]
    api.script = [api.http(200, documents[each]) for each in operations]
    for each in operations:
        await call(gateway, each)
    assert [each.connection for each in api.heard] == [1] * 6


@pytest.mark.requirement("gateway.requests")
async def test_a_refusal_keeps_the_connection(api, gateway, call, documents):
    api.script = [api.http(422, {"code": "INVALID_TAX_ID"}), api.http(200, documents["preview"])]
    with pytest.raises(Exception, match=r"^preview: Refused \(422\)$"):
        await call(gateway, "preview")
    await call(gateway, "preview")
    assert [each.connection for each in api.heard] == [1, 1]


@pytest.mark.requirement("once.fresh_connection")
async def test_a_creation_never_goes_over_a_used_connection(api, gateway, call, documents):
    api.script = [api.http(200, documents[each]) for each in ("preview", "create", "create", "preview")]
    for each in ("preview", "create", "create", "preview"):
        await call(gateway, each)
    assert [each.connection for each in api.heard] == [1, 2, 3, 1]


@pytest.mark.requirement("once.fresh_connection")
async def test_a_server_that_loses_patience_with_used_connections_costs_no_creation(api, gateway, call, documents):
    api.drops_reused = True
    api.script = [api.http(200, documents[each]) for each in ("preview", "create", "create")]
    for each in ("preview", "create", "create"):
        await call(gateway, each)
    assert [each.target for each in api.heard] == ["/checkouts/preview", "/checkouts", "/checkouts"]


@pytest.mark.requirement("gateway.requests")
async def test_a_connection_that_the_server_has_closed_is_not_used_again(api, gateway, call, documents, waits):
    api.script = [(api.http(200, documents["preview"]), "drop")]
    await call(gateway, "preview")
    await api.closed.wait()
    await call(gateway, "preview")
    assert ([each.connection for each in api.heard], waits) == ([1, 2], [])


@pytest.mark.requirement("gateway.lifecycle")
async def test_nothing_is_opened_before_the_first_request(api, open_gateway, call, documents):
    started = []

    async def start():
        started.append(True)
        return api.url

    gateway = open_gateway(base_url=start)
    assert (started, api.connections) == ([], 0)
    api.answers(200, documents["preview"])
    await call(gateway, "preview")
    await call(gateway, "preview")
    assert (started, api.connections) == ([True], 1)


@pytest.mark.requirement("gateway.requests")
async def test_a_cookie_of_the_api_does_not_matter(api, gateway, call, documents):
    api.answers(200, documents["preview"], set_cookie="session=1; Path=/")
    await call(gateway, "preview")
    assert await call(gateway, "preview")
