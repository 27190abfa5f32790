"""Values that carry a promise, as literals: a test that patches the constant it covers would let it be anything."""

from typing import Any

import pytest

from checkout_schemas.requests import create_checkout_session, preview_checkout
from checkout_server.calls import deadline
from checkout_server.checkout import background
from checkout_server.checkout.after_sale import returned, waiting, watches
from checkout_server.checkout.catalogue import addons
from checkout_server.checkout.ledger import contract
from checkout_server.checkout.policy.document import Audit, Confirm, Limits, PreviewTerms, Share
from checkout_server.checkout.sale import caller, in_flight, lease, other_page, question_limit, record
from checkout_server.checkout.sale import waiting as joining
from checkout_server.checkout.sessions import life, payments, search
from checkout_server.gateway import body, connections, exchange, rate_limits, retries, sending
from checkout_server.privacy import sealing
from checkout_server.public import webhooks
from checkout_server.sandbox import kept, sessions
from checkout_server.settings import Settings
from checkout_server.tools import approval, definition, progress
from checkout_server.transports import bodies, envelopes, http

MINUTE, HOUR, DAY, MIB = 60, 3600, 86_400, 1_048_576

PROMISED: dict[str, tuple[Any, Any]] = {
    # A call and its parts, in seconds
    "a call answers within 50 seconds": (deadline.CALL_SECONDS, 50),
    "a creation has 30 seconds": (sending.DEADLINE, 30),
    "a person has ten minutes": (definition.ANSWER_SECONDS, 600),
    "progress comes at least every ten seconds": (progress.PROGRESS_SECONDS, 8),
    "a call waits for the reset of a rate limit": (rate_limits.MOST_WAIT_SECONDS, 2),
    "a reset farther away is not believed": (rate_limits.LONGEST_WINDOW_SECONDS, 2 * MINUTE),
    "a Retry-After farther away is not believed": (rate_limits.LONGEST_RETRY_SECONDS, DAY),
    "reads are tried three times": (retries.MAX_RETRIES, 2),
    "for at most eight seconds of waiting": (retries.MAX_WAITING, 8),
    "the code of a refusal is read for five seconds": (exchange.CODE_SECONDS, 5),
    "the most add-ons that the API gives in a page": (addons.ADDONS_AT_ONCE, 100),
    "an idle connection is kept for twenty seconds": (connections.KEEPALIVE_SECONDS, 20),
    "waiting before a claim": (caller.CLAIM_SECONDS, 2),
    "joining another's creation": (joining.MOST_SECONDS, 45),
    # Exactly once
    "a lease lasts 20 seconds": (lease.LEASE_SECONDS, 20),
    "and is renewed every five": (lease.RENEWAL_SECONDS, 5),
    "a late record is tried at least every half minute": (record.LONGEST_RECORD_SECONDS, 30),
    "a stopping server waits for its creations": (in_flight.DRAIN_SECONDS, 1),
    "and for its open calls": (http.GRACE_SECONDS, 1),
    "a team's server for its calls": (http.TEAM_GRACE_SECONDS, 20),
    "and for its creations": (http.TEAM_CREATIONS_SECONDS, 45),
    "unknown outcomes are asked about from a minute": (background.FIRST_PAUSE_SECONDS, MINUTE),
    "to an hour apart": (background.LONGEST_PAUSE_SECONDS, HOUR),
    "clocks may differ by ten minutes": (life.CLOCK_MARGIN_SECONDS, 10 * MINUTE),
    "and a payment lies a day around its preview": (payments.MOST_SECONDS_APART, DAY),
    "five pages of payments": (search.PAGES, 5),
    "of a hundred each": (search.PAGE_SIZE, 100),
    # Lives
    "a session lives 24 hours": (life.SESSION_SECONDS, DAY),
    "with confirm 15 minutes": (life.CONFIRMED_SESSION_SECONDS, 15 * MINUTE),
    "in the sandbox too": (sessions.LIFE.total_seconds(), DAY),
    "and there with confirm": (sessions.CONFIRMED_LIFE.total_seconds(), 15 * MINUTE),
    "an outcome is kept seven days": (life.KEPT_SECONDS, 7 * DAY),
    "an unknown one as long": (contract.UNKNOWN_KEPT_SECONDS, 7 * DAY),
    "the sandbox's sessions thirty days": (kept.KEPT.total_seconds(), 30 * DAY),
    "a preview 15 minutes": (PreviewTerms().ttl_seconds, 15 * MINUTE),
    "its price a minute": (PreviewTerms().requote_after_seconds, MINUTE),
    "audit rows 400 days": (Audit().keep_days, 400),
    "licence keys are shown for an hour": (returned.KEYS_SHOWN_SECONDS, HOUR),
    "a return page asks the API every five seconds": (returned.LOOK_PAUSE_SECONDS, 5),
    # Asking
    "three questions": (question_limit.MOST_QUESTIONS, 3),
    "within an hour": (contract.HOUR_SECONDS, HOUR),
    "a question stays open for ten minutes": (question_limit.OPEN_SECONDS, 10 * MINUTE),
    "the answer that approves": (approval.YES, "Yes, approve this sale"),
    "the answer that does not": (approval.NO, "No, do not sell"),
    "a person is asked": (Confirm().mode, "ask"),
    # Waiting
    "the API is asked after": (waiting.API_PAUSES, (2, 4, 8, 15)),
    "the ledger every second": (waiting.LEDGER_SECONDS, 1),
    "two calls of a principal wait": (watches.MOST_OF_A_PRINCIPAL, 2),
    "fifty of a process": (watches.MOST_OF_A_PROCESS, 50),
    "three other pages are asked about": (other_page.MOST_PAGES, 3),
    # Sizes
    "a request of a mebibyte": (bodies.MAX_BODY, MIB),
    "a webhook of a mebibyte": (webhooks.MAX_BODY, MIB),
    "an answer of four": (body.MAX_ANSWER_BYTES, 4 * MIB),
    "a batch of fifty": (envelopes.MOST_OF_A_BATCH, 50),
    "20 discount codes": (preview_checkout.MAX_DISCOUNT_CODES, 20),
    "49 keys of metadata beside ours": (create_checkout_session.MAX_METADATA_KEYS, 49),
    "500 characters of metadata": (create_checkout_session.MAX_METADATA_VALUE, 500),
    "sealing keys of 256 bits": (sealing.KEY_BYTES * 8, 256),
    # What is not given or offered unless the policy says so
    "lookups of customers an hour": (Limits().customer_lookups_per_hour, 60),
    "no licence keys": (Share().license_keys, False),
    "no answers to custom fields": (Share().custom_field_responses, False),
    "no address of an invoice": (Share().invoice_url, False),
    "no list of saved methods": (Confirm().list_saved_payment_methods, False),
    "nor for just any customer": (Confirm().list_any_customer, False),
}


@pytest.mark.requirement("promise.values")
@pytest.mark.parametrize("promise", PROMISED)
def test_a_promised_value_is(promise: str) -> None:
    value, promised = PROMISED[promise]
    assert value == promised


@pytest.mark.requirement("promise.values")
def test_a_creation_ends_before_its_call_does_and_a_lease_outlives_missed_renewals() -> None:
    assert sending.DEADLINE + caller.CLAIM_SECONDS < deadline.CALL_SECONDS
    assert lease.RENEWAL_SECONDS * 3 < lease.LEASE_SECONDS


@pytest.mark.requirement("promise.values")
@pytest.mark.parametrize(
    ("environment", "base_url"),
    [("test_mode", "https://test.dodopayments.com"), ("live_mode", "https://live.dodopayments.com")],
)
def test_each_environment_has_its_own_host(environment: str, base_url: str) -> None:
    settings = Settings.model_validate({"DODO_PAYMENTS_API_KEY": "k" * 32, "DODO_PAYMENTS_ENVIRONMENT": environment})
    assert (settings.environment, settings.base_url) == (environment, base_url)


@pytest.mark.requirement("promise.values")
def test_without_a_word_it_is_test_mode() -> None:
    settings = Settings.model_validate({"DODO_PAYMENTS_API_KEY": "k" * 32})
    assert (settings.environment, settings.base_url) == ("test_mode", "https://test.dodopayments.com")
