"""What a refused call can say, and the events of the log."""

import logging
from typing import get_args

from checkout_schemas.errors import ErrorCode
from checkout_server.gateway.api_codes import API_CODES
from checkout_server.privacy.vocabulary.event_names import EVENTS, LEVELS
from docs.generate.markdown import code, table

MEANINGS: dict[ErrorCode, str] = {
    "invalid_request": "The arguments have problems, all of them listed. Nothing was sent.",
    "preview_required": "A session was asked for without a `preview_id`.",
    "preview_not_found": "No such preview exists for this server's account and environment.",
    "preview_expired": "The preview is too old to sell from.",
    "price_changed": "The price or its terms changed since the preview. The error holds the old and the new amounts "
    "and a fresh `preview_id`.",
    "policy_denied": "The operator's policy does not allow it. Each problem names the field.",
    "approval_required": "A person must approve the sale, and this client cannot ask one, failed to, or is asking now.",
    "approval_declined": "A person did not approve, or was asked about this order often enough.",
    "preview_used": "A session was created from this preview with other arguments, or the preview was paid before.",
    "outcome_unknown": "The answer to the creation was lost. The session may exist: look it up by its `preview_id`.",
    "gateway_refused": "The payment API refused; nothing was created. `gateway_code` holds its code where it is known.",
    "rate_limited": "The payment API asks to slow down.",
    "gateway_unavailable": "The payment API or the ledger could not be used, or time ran out. Nothing was created by "
    "this call.",
    "not_authorized": "The payment API does not accept the server's API key for this.",
}


def error_codes() -> str:
    return table(("code", "meaning"), [(code(each), MEANINGS[each]) for each in get_args(ErrorCode)])


def api_codes() -> str:
    """The payment API's codes with what the agent is told."""
    rows = [
        (code(name), each.sentence, code(each.path) if each.path else "", code(each.retry))
        for name, each in sorted(API_CODES.items())
    ]
    return table(("`gateway_code`", "the agent is told", "field", "`retry`"), rows)


def events() -> str:
    rows = [(code(event), logging.getLevelName(LEVELS.get(event, logging.INFO))) for event in sorted(EVENTS)]
    return table(("event", "level"), rows)
