"""What our own code can say, and how it looks."""

import importlib
import importlib.machinery
from pathlib import Path
from typing import Any, get_args

import pytest

from checkout_prompts.library import load_prompts
from checkout_server.gateway import errors
from checkout_server.gateway.api_codes import API_CODES
from checkout_server.privacy.logs import spans
from checkout_server.privacy.logs.events import emit
from checkout_server.privacy.logs.tracebacks import place_in
from checkout_server.privacy.vocabulary.checks import CHECKS
from checkout_server.privacy.vocabulary.event_names import LEVELS, Event
from checkout_server.privacy.vocabulary.fields import Failure, Fields, ToolName
from checkout_server.privacy.vocabulary.paths import known_paths
from checkout_server.privacy.vocabulary.routes import route_of
from checkout_server.tools.served import TOOLS
from type_checker import wrong_lines


class Renamed(Exception):
    """Somebody gives it another name later."""


@pytest.mark.requirement("privacy.events")
def test_an_event_is_one_json_line(written: Any) -> None:
    emit(
        "preview.quoted",
        preview_id="prv_AbCdEfGhIjKlMnOp",
        environment="test_mode",
        country="US",
        currency="USD",
        total=1200,
        recurring=None,
        count=1,
    )
    assert written.only_line() == {
        "level": "INFO",
        "logger": "checkout",
        "event": "preview.quoted",
        "preview_id": "prv_AbCdEfGhIjKlMnOp",
        "environment": "test_mode",
        "country": "US",
        "currency": "USD",
        "total": 1200,
        "count": 1,
    }


UNFITTING: list[tuple[str, Any]] = [
    ("preview_id", "prv_jane"),
    ("preview_id", "prv_4222222222222AbC"),
    ("preview_id", "jane@example.com"),
    ("session_id", "cks_4155550123"),
    ("session_id", "cks_4155550123JaneMaryDoeX"),
    ("session_id", "cks_janewilhelmina5550123"),
    ("session_id", "cks_JaneDoe5550123"),
    ("session_id", "cks_jane@example.com"),
    ("session_id", "cks_a\ncks_b"),
    ("product_id", "Jane Doe"),
    ("country", "Jane"),
    ("policy", "Jane"),
    ("currency", "usd"),
    ("total", 4111111111111111),
    ("total", -1),
    ("total", True),
    ("total", "1200"),
    ("total", 12.0),
    ("count", "Jane"),
    ("status", 94103),
    ("attempt", 94103),
    ("environment", "Jane"),
    ("code", "jane"),
    ("charges", "jane"),
    ("pages", "4155550123"),
    ("gateway_code", "JANE_DOE"),
    ("error_id", "err_jane"),
    ("failure", "Jane"),
    ("kind", "jane"),
    ("names", ["CHECKOUT_4155550123"]),
    ("names", ["JANE_DOE"]),
    ("variable", "JANE"),
    ("webhook", "payment.of_jane"),
    ("paths", ["product_cart[0].jane"]),
    ("paths", ["metadata.jane"]),
    ("paths", "jane"),
    ("paths", ["product_cart[4155550123].quantity"]),
    ("product_ids", ["prod_4155550123"]),
    ("product_ids", ["pdt_JANEWILHELMINA5550123"]),
    ("product_ids", ["jane"]),
    ("rules", ["limits.jane"]),
    ("principal", "jane@example"),
    ("rate_limit", -1),
    ("rate_remaining", "4155550123"),
    ("replica", "jane"),
    ("request_id", "4111111111111111"),
    ("request_id", "jane.doe"),
    ("request_id", "req_JaneWilhelmina"),
    ("request_id", "req_4915123456789"),
    ("route", "/checkouts/jane"),
    ("tool", "jane"),
    ("method", "JANE"),
    ("operation", "jane"),
    ("problem", "jane"),
    ("transport", "jane"),
    ("decision", "jane"),
    ("duration_ms", 10**12),
    ("previous_total", "jane"),
    ("previous_recurring", "jane"),
    ("recurring", "jane"),
    ("buyer", "jane"),
    ("dropped", "jane"),
]


@pytest.mark.requirement("privacy.events")
@pytest.mark.parametrize(("name", "value"), UNFITTING)
def test_what_does_not_fit_its_field_is_left_out_and_counted(written: Any, name: str, value: Any) -> None:
    wrong: dict[str, Any] = {name: value}
    emit("session.created", **wrong)
    assert written.only_line() == {"level": "INFO", "logger": "checkout", "event": "session.created", "dropped": 1}


@pytest.mark.requirement("privacy.diagnostics")
@pytest.mark.parametrize(
    ("name", "value"),
    [("session_id", "cks_Uhg6n46852173rmhkeJuYX"), ("product_id", "pdt_J8BrC978580325Fa5bb2m")],
)
def test_an_id_of_the_api_is_logged_though_chance_put_many_digits_in_a_row(written: Any, name: str, value: str) -> None:
    drawn: dict[str, Any] = {name: value}
    emit("session.created", **drawn)
    assert written.only_line() == {"level": "INFO", "logger": "checkout", "event": "session.created", **drawn}


@pytest.mark.requirement("privacy.events")
def test_every_field_has_a_check_and_a_value_that_it_refuses() -> None:
    assert set(Fields.__annotations__) <= CHECKS.keys()
    assert set(Fields.__annotations__) <= {name for name, _ in UNFITTING}


@pytest.mark.requirement("privacy.events")
def test_paths_are_those_of_the_schemas(written: Any) -> None:
    paths = ["product_cart[3].quantity", "billing_address.country", "discount_code"]
    emit("policy.denied", paths=paths)
    assert written.only_line()["paths"] == paths
    assert {"confirm", "preview_id", "discount_codes[]", "customer.email"} <= known_paths()


@pytest.mark.requirement("privacy.events")
def test_an_exception_is_told_by_type_and_frames(written: Any) -> None:
    try:
        raise ValueError("jane@example.com") from KeyError("jane")
    except ValueError as error:
        emit("session.crashed", error=error)
    event = written.only_line()
    assert event["error_type"] == "ValueError"
    assert event["causes"] == ["KeyError"]
    assert event["frames"][-1].endswith(":test_an_exception_is_told_by_type_and_frames")


@pytest.mark.requirement("privacy.events")
def test_an_exception_of_any_code_does_not_stop_a_sale(written: Any) -> None:
    class Hostile(ExceptionGroup[Exception]):
        @property
        def exceptions(self) -> Any:
            raise RuntimeError("jane")

    emit("session.crashed", error=Hostile("jane", [ValueError()]))
    assert written.only_line() == {"level": "ERROR", "logger": "checkout", "event": "session.crashed", "dropped": 1}


@pytest.mark.requirement("privacy.events")
def test_a_type_is_told_by_the_name_that_its_module_gave_it(written: Any) -> None:
    Renamed.__name__ = "Jane_Doe"
    emit("session.crashed", error=Renamed())
    assert written.only_line()["error_type"] == "Renamed"


@pytest.mark.requirement("privacy.diagnostics")
def test_a_failed_import_is_told_by_its_module_though_it_is_loaded_no_more(
    written: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "broken_dependency.py").write_text("'jane'.missing\n")
    monkeypatch.syspath_prepend(tmp_path)
    try:
        importlib.import_module("broken_dependency")
    except AttributeError as error:
        emit("process.crashed", error=error)
    assert written.only_line()["frames"][-1] == "broken_dependency.py:1:<module>"


@pytest.mark.requirement("privacy.events")
@pytest.mark.parametrize(
    "names",
    [
        {"__name__": "jane"},
        {"__name__": "jane", "__spec__": importlib.machinery.ModuleSpec("jane", None, origin="jane.py")},
        {"__name__": "importlib"},
        {"__name__": ["jane"]},
    ],
)
def test_a_place_made_of_data_is_not_told(written: Any, names: dict[str, Any]) -> None:
    try:
        exec(compile("'jane'.missing", "jane.py", "exec"), names)  # noqa: S102 - as template engines do
    except AttributeError as error:
        emit("process.crashed", error=error)
    assert written.only_line()["frames"][-1] == "?"


@pytest.mark.requirement("privacy.events")
def test_a_place_that_only_looks_like_a_file_is_not_told() -> None:
    class Disguised(str):
        __slots__ = ()
        __hash__ = str.__hash__

        def __eq__(self, other: object) -> bool:
            return True

        def replace(self, *_arguments: Any) -> str:
            return "Jane_Doe.py"

    assert place_in(Disguised("jane"), 1) == "?"


@pytest.mark.requirement("privacy.events")
@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("/checkouts/preview?locale=fr", "/checkouts/preview"),
        ("/checkouts/cks_1", "/checkouts/{id}"),
        ("https://test.dodopayments.com/products?page_number=0", "/products"),
        ("/mcp#jane", "/mcp"),
        ("/jane", None),
        ("/checkouts/cks_1/jane", None),
        ("https://jane@example.com/mcp/jane", None),
    ],
)
def test_a_path_is_told_as_its_route(path: str, route: str | None) -> None:
    assert route_of(path) == route


@pytest.mark.requirement("privacy.events")
def test_the_lists_are_those_of_the_rooms_that_own_them() -> None:
    assert {tool.name for tool in TOOLS} == set(get_args(ToolName))
    assert {each.name for each in vars(errors).values() if isinstance(each, type) and "name" in vars(each)} == (
        set(get_args(Failure)) - {"interrupted"}
    )
    assert all(CHECKS["gateway_code"](code) for code in API_CODES)
    assert {prompt.name for prompt in load_prompts()} == spans.PROMPTS
    assert LEVELS.keys() <= set(get_args(Event))


WRONG = """
from checkout_server.privacy.logs.events import emit

emit("session.created", preview_id="prv_1")
emit("jane.doe")
emit("session.created", buyer="jane")
emit("session.created", total="12")
emit("session.created", tool="jane")
emit("session.created", environment="production")
emit("session.created", code="jane")
emit("session.created", error="jane")
emit("session.created", frames=["jane"])
emit(input())
"""


@pytest.mark.requirement("privacy.events")
def test_pyright_sees_a_wrong_call(tmp_path: Path) -> None:
    assert wrong_lines(WRONG, tmp_path) == list(range(4, 13))
