"""What this product promises: each guardrail, rule and promise with its id, its source and one sentence.

Tests point at ids with ``@pytest.mark.requirement("sell.once")``; ``test_requirements.py`` holds the two together.
Sources: "guide" is the payment provider's Checkout Sessions guide, "API" its reference and SDK types, "MCP" the
protocol, "promise" our own word, given in README.md, SECURITY.md or an ADR.
"""

from typing import NamedTuple

from checkout_schemas.rules import RULES
from checkout_schemas.sale_rules import SALE_RULES


class Requirement(NamedTuple):
    """Where it comes from, and what must hold."""

    source: str
    sentence: str


_OWN = {
    # Selling
    "sell.main_path": ("guide: Quick start", "A product is listed, previewed, sold and looked up with four tools."),
    "sell.guide_examples": ("guide: all examples", "Each example reaches the API unchanged, field by field."),
    "sell.preview_id_alone": ("promise", "create_checkout_session works with preview_id alone, in one POST."),
    "sell.results": ("promise", "A result says all that matters, in minor units and as text, and nothing unasked for."),
    "sell.result_tokens": ("promise", "A page of products and a whole sale stay within their token budgets."),
    "quote.adds_up": ("promise", "The lines of a quote sum to its amounts, or a sentence says why they do not."),
    "sell.money": ("ISO 4217", "An amount is shown with the digits of its currency."),
    "sell.float_amounts": ("promise", "An amount that came as a float is quoted with how it was read, first of all."),
    "sell.placeholders": ("guide: return_url", "A URL that waits to be filled in is warned of, with what is appended."),
    "sell.unknown_tax": ("API: breakup.tax", "A tax that is not known is absent, never zero."),
    "sell.status": ("API: GET /checkouts/{id}", "A session is found by its id or by its preview, with its next step."),
    "wait.change": ("promise: ADR 30", "A look that waits is answered when the state changes, and at its end truly."),
    "wait.one_watcher": ("promise: ADR 30", "A sale has one watcher, whoever waits, and none when nobody does."),
    "wait.limits": ("promise: ADR 30", "A principal waits twice and a process fifty times; more are answered at once."),
    "wait.stop": ("promise: ADR 30", "A server that stops ends every wait at once, with an answer."),
    "outcome.told": ("promise", "A look after the payment tells what was taken, given back, disputed or begun."),
    "outcome.failure": (
        "API: transaction failures",
        "A failed payment is told by a sentence of ours, and a card that is known as any decline.",
    ),
    "outcome.shared": ("promise", "Licence keys, answers and the invoice's address are given only where shared."),
    "outcome.unread": ("promise", "What cannot be read leaves the rest of an outcome whole, and is said."),
    "outcome.other_page": ("promise", "A new session warns of another page that may still take money for the same."),
    "sell.fallback_methods": ("guide: payment methods", "A list of methods without credit and debit is warned about."),
    "sell.catalogue": ("promise", "Only what the policy allows to sell is listed, and all of it, page by page."),
    "sell.cycles": ("API: GET /products/{id}", "Billing cycles are read lately enough, and a bounded number is kept."),
    "find.words": ("promise", "Products are found by the words that buyers use, and a vain search has a way on."),
    "find.special": ("API: price_detail", "A list says what is special about a price, and nothing that is usual."),
    "find.addons": ("API: GET /addons", "A subscription lists its add-ons, within bounds of requests and time."),
    "find.locale": ("API: ?locale=", "With a locale, products and add-ons have their names in that language."),
    "customer.listing": (
        "API: GET /customers/{id}/payment-methods",
        "A saved method has its id, kind, brand, last four digits and expiry, and nothing of its holder.",
    ),
    "customer.offered": ("promise", "Saved methods are listed only where the policy offers it."),
    "customer.own": ("promise", "Saved methods are listed for customers who were sold to here before."),
    "customer.hourly": ("promise", "Lookups, refused ones too, are counted over all that share the ledger."),
    "customer.audit": ("promise", "A lookup is written down before the API is asked, without the customer's id."),
    "sell.read_only": ("promise", "With CHECKOUT_READ_ONLY no creation is offered."),
    "sale.states": (
        "promise",
        "Every state of a sale has its answers, and each leads to a sale, a clear end or a person.",
    ),
    # The first guardrail
    "preview.required": ("promise: ADR 1", "Without a preview nothing is created, whatever else is sent."),
    "preview.owner": ("promise", "A preview is found by its own principal, environment and account only."),
    "preview.expires": ("promise", "An expired preview creates nothing and is reported as expired."),
    "preview.replay": ("promise: ADR 1", "The same arguments get the recorded session again, and no creation is sent."),
    "preview.used": ("promise: ADR 1", "Other arguments get neither the session's URL nor its id."),
    "preview.account": ("promise", "A preview belongs to a merchant account, whichever of its keys made it."),
    "session.ends": ("guide: Session Validity", "An unpaid session is expired from its end on, without its page."),
    # The sale
    "sale.types": ("promise", "Only an approved sale can be sent, and only the approval makes one."),
    # Policy
    "policy.file": ("promise", "Every key of the policy is read; a wrong one is named and prevents the start."),
    "policy.command": ("promise", "The policy command explains each rule in words, with its source."),
    "policy.order": ("promise", "What is bought is held to the limits and lists, at preview and again at creation."),
    "policy.amounts": ("promise: ADR 11", "max_total bounds all that a call can lead to, and ask_above sees it."),
    "policy.instead": ("promise", "A refusal tells what is sold instead, and leaves what a buyer said to them."),
    "policy.return_hosts": ("promise", "A buyer is sent to listed hosts only; in live_mode a list is needed."),
    "policy.return_schemes": ("promise", "A buyer is sent to listed apps only, to none that a system acts on."),
    "policy.confirm": ("promise", "Confirming and saved payment methods can be forbidden."),
    "policy.hourly": ("promise", "Creations of an hour are counted over all that share the ledger."),
    # Price
    "quote.cart": ("promise", "A quote for another cart than the one that was sent stops the call."),
    "quote.caveats": ("promise", "What the amounts leave out reads the same in preview, question and session."),
    "price.drift": ("promise", "Another amount, currency or term creates nothing and gives a fresh preview."),
    "price.requote": ("promise", "The price is asked for again when it may have changed."),
    # A person
    "approval.asked": ("promise", "What charges by itself needs a person's yes, in both protocol eras."),
    "approval.only_yes": ("promise", "No, silence, a closed question and a strange answer create nothing."),
    "approval.not_typed": ("promise", "Nothing that a model can type counts as approval."),
    "approval.question": ("promise", "The question names environment, goods, amounts, renewals, buyer and method."),
    "approval.form": ("MCP: elicitation", "The form is one required choice without a default, the refusal first."),
    "approval.few_questions": ("promise", "A yes is for one attempt; three unapproved questions an hour are enough."),
    "approval.repeats": ("promise", "The question says when the same order was sold to the buyer within the hour."),
    "approval.names": ("promise", "A name in a question is text: no Markdown, HTML, link or line of its own."),
    "approval.cannot_ask": ("MCP: capabilities", "A client that cannot ask gets a refusal that names the hosted page."),
    "approval.ask_above": ("promise", "Above the policy's amount a person is asked for any creation."),
    "approval.unattended": ("promise", "Unattended confirmation exists in sandbox and test mode only."),
    "approval.secrets": ("promise", "client_secret and publishable_key never reach the model."),
    # Exactly once
    "once.claim": ("promise: ADR 1", "A preview is claimed by one caller, before bytes leave."),
    "once.concurrent": ("promise", "Any number of calls at once, in any number of processes, create one session."),
    "once.proof": ("promise", "An outcome is what the answer proves, and otherwise unknown."),
    "once.no_retry": ("API: no idempotency key", "POST /checkouts is never retried automatically."),
    "once.fresh_connection": ("promise: ADR 7", "A creation goes over a connection that nobody used before."),
    "once.lookup": ("API: GET /payments", "An unknown outcome is resolved through the payments list."),
    "once.not_cut": ("promise: ADR 4", "Neither a cancelled call nor a stop cuts a creation short of its record."),
    "once.crash": ("promise", "A claim whose process died becomes unknown when its lease ends."),
    "once.forgotten": ("promise", "A paid preview that the ledger forgot is found before it charges or is denied."),
    "once.busy_shop": ("promise", "A lost answer is found however many payments are newer."),
    "once.checked_refusal": ("promise", "A refused charge is looked for once before it is called refused."),
    "once.two_pages": ("promise", "A preview makes two hosted sessions at most, the second by a later call."),
    "once.lease": ("promise", "A lease is short, renewed in flight and judged by the ledger's clock."),
    "once.late_record": ("promise: ADR 9", "A record that failed is written whenever the ledger comes back."),
    "sales.list": ("promise", "The operator lists sales by time, principal, state and amount."),
    "sales.settle": ("promise", "The operator counts and settles what is unknown, with who and why."),
    "sales.background": ("promise", "An unknown outcome is asked about again, by one process, with growing pauses."),
    # Ledger
    "ledger.transitions": ("promise", "A preview changes its state by atomic, conditional steps only."),
    "ledger.audit": ("promise", "Each step leaves one audit row without personal data, which outlives the preview."),
    "ledger.migrations": ("promise", "A ledger of an older version is migrated whole, and nothing in it is lost."),
    "ledger.keys": ("promise", "Servers without the keys of their ledger do not start; rotating locks nobody out."),
    "ledger.replaced": ("promise", "A ledger's file that is removed or replaced is noticed before the next claim."),
    "ledger.questions": ("promise", "Questions about the same goods are counted over all that share the ledger."),
    "ledger.recent_sale": ("promise", "A recent sale of the same goods to the same buyer is found again."),
    "ledger.flushed": ("promise", "A claim and its end wait for the disk, and a quote does not."),
    "ledger.growth": ("promise", "No call reads a whole table, so that a ledger of years is as fast as a new one."),
    "ledger.purge": ("promise", "What is over is purged, and a claim never."),
    "ledger.atomic": ("promise", "A cancelled or failing call leaves a whole step or none."),
    "ledger.storage": ("promise", "A storage that cannot be used is reported in one sentence; nothing is lost."),
    "ledger.owner_only": ("promise", "Ledger and keys are readable by their owner alone."),
    "seal.orders": ("promise", "Orders at rest are sealed, bound to their place, and keys rotate."),
    "seal.keys": ("promise", "A key that cannot be used is named by its number, never its value."),
    # Gateway
    "gateway.requests": ("API: reference", "Each operation makes the request that the API documents."),
    "gateway.answers": ("API: SDK types", "Unknown fields are tolerated; missing or mistyped ones are unreadable."),
    "gateway.rows": ("promise", "A list comes without its odd rows, which are counted, and no longer than asked for."),
    "gateway.odd_session": ("promise", "A usable session_id is a session, whatever else is odd in the answer."),
    "gateway.account": ("API: GET /brands", "The merchant account of a key is read from the API's rows that carry it."),
    "gateway.errors": ("API: error codes", "Each failure has its kind, with the API's own code where we know it."),
    "gateway.codes": ("API: error codes", "Known codes have calm sentences of ours; the API's text is never quoted."),
    "gateway.bounds": ("promise", "An answer is bounded in size and time."),
    "gateway.retries": ("HTTP: RFC 9110", "Reads and previews are retried within bounds; Retry-After is heeded."),
    "gateway.headers": ("HTTP: RFC 9110", "No header crashes a call, nor makes a proven refusal an unknown outcome."),
    "gateway.rate_limits": ("API: rate limits", "At Remaining 0 a read waits for the reset or says when it is."),
    "gateway.surroundings": ("promise", "Each failure names its kind, and the variable that is to blame."),
    "gateway.lifecycle": ("promise", "Nothing is opened before it is needed or left open after."),
    # A call's time
    "call.deadline": ("promise: ADR 23", "A call answers within 50 seconds of our own time, whatever does not."),
    "call.creation_time": ("promise: ADR 23", "Without 30 seconds for POST /checkouts nothing is claimed or sent."),
    "call.progress": ("MCP: progress", "A client that asked for progress hears words of ours every 10 seconds."),
    # Errors to the model
    "error.whole": ("promise", "All problems of a call come at once, by field, with the repair and never the value."),
    "error.no_crash": ("promise", "No JSON makes a tool crash, hang or send anything."),
    "error.unset": ("promise: clients' habits", "null, empty text, list and object mean unset; JSON text is decoded."),
    "error.kind": ("promise: one meaning", "What can mean one thing only is taken; what could charge never is."),
    "error.host_fields": ("n8n: issues 21500, 21716, 37308", "What a host adds is dropped, and named in a refusal."),
    "error.meant": ("ISO 3166, ISO 4217", "Another word or name is told what it means here, or not guessed at."),
    "error.minor_units": ("promise", "An amount with a fraction, as text or with a symbol is told of minor units."),
    "error.named_ids": ("promise", "Where the API does not say which id is unknown, those of the call are told."),
    "error.what_there_is": ("promise", "A refused product or add-on is named by its row, with what there is instead."),
    "error.repair": ("promise", "Every problem says what to do, and doing that works or asks a person."),
    "error.said_once": ("promise", "No sentence stands twice in a refusal."),
    "error.no_echo": ("promise: SECURITY.md", "Whatever is sent, no value of it comes back in a refusal."),
    "error.unexpected": ("promise", "What nobody expected is a fixed sentence and an id."),
    "error.data_is_data": ("promise", "Text from outside is stripped, cut and never interpreted."),
    "api.addresses": ("RFC 5321, E.164, RFC 3986", "An address that no API takes is refused before it is sent."),
    "api.metadata": ("API: metadata", "Metadata has keys of 1 to 40 letters, digits, _ and -, and short values."),
    # Schemas
    "schema.portable": ("MCP clients", "The published schemas are valid and of the portable profile."),
    "schema.refusals_fit": ("MCP clients", "Every result and refusal fits the output schema that its tool publishes."),
    "schema.json_text": ("adapters", "A free object is published as JSON text, and taken as an object or as text."),
    "schema.published": ("promise", "The files in schemas/json are what the models say."),
    "schema.offered": ("promise", "What the policy forbids for every call is not published, and refused all the same."),
    "schema.cached": ("MCP: caching", "The lists of tools and prompts carry cache hints where the protocol has them."),
    "schema.no_overlap": ("promise", "No field exists in both main tools."),
    "schema.tokens": ("promise", "The tools stay within their token budget."),
    "schema.sdk": ("API: SDK types", "Fields and vocabularies are the official SDK's."),
    "tests.complete": ("promise", "Every requirement has a test, and every test a requirement."),
    # The evals
    "evals.tasks": ("promise", "A task holds facts, a goal and ends, and names no tool; another file is refused."),
    "evals.ends": ("promise", "Everything that ended otherwise than a task says has a sentence of its own."),
    "evals.literal": ("promise", "The scripted agent does what a suggestion says, and nothing that it does not say."),
    "evals.red": ("promise", "An error sentence, a next step or a schema made worse fails a task."),
    "evals.models": ("promise", "A model behind either API runs the tasks, and its key is printed nowhere."),
    # Privacy of logs
    "privacy.events": ("promise: SECURITY.md", "Our code logs declared events with declared, checked fields only."),
    "privacy.channels": ("promise: SECURITY.md", "No output of the process contains what a buyer or a library wrote."),
    "privacy.diagnostics": ("promise", "What happened is logged all the same: each call, request and crash."),
    "privacy.stalled": ("promise: SECURITY.md", "A stalled reader of the log blocks no call; lost lines are counted."),
    "privacy.tripwire": ("promise: SECURITY.md", "A personal value in flight is recognised in any form, and withheld."),
    "privacy.pseudonyms": ("promise: SECURITY.md", "A pseudonym is keyed, apart by kind, and never of a card number."),
    "privacy.types": ("promise: SECURITY.md", "No object shows a personal value by repr, str, format or traceback."),
    "privacy.corpus": ("promise: SECURITY.md", "Nothing of a corpus of buyers comes out, and the diagnostics do."),
    "privacy.commands": ("promise: SECURITY.md", "What commands print holds no secret and nothing of a buyer."),
    "privacy.spans": ("promise: SECURITY.md", "Spans hold known words only."),
    # Prompts
    "prompts.library": ("MCP: prompts", "Prompts are Markdown files; an argument stays text."),
    "prompts.served": ("MCP: prompts", "Prompts are listed and got; a wrong request is -32602."),
    # Sandbox
    "sandbox.fidelity": ("API: SDK", "The official client sells against the sandbox, and its refusals are the API's."),
    "sandbox.page": ("guide: Hosted page", "A person pays, fails or cancels, and returns with the guide's parameters."),
    "sandbox.after_sale": (
        "API: SDK",
        "Attempts, refunds, disputes, subscriptions and licence keys are read as the official types have them.",
    ),
    "sandbox.webhooks": (
        "API: SDK",
        "Webhooks verify with the official client, and one that is not taken comes again under its id.",
    ),
    "sandbox.kept": (
        "promise",
        "Sessions of the embedded sandbox outlive the server, sealed, at a port that it keeps and its folder shares.",
    ),
    "sandbox.loopback": ("promise", "The sandbox listens on loopback only and ends when it is stopped."),
    # Webhooks
    "webhook.verified": ("Standard Webhooks", "What does not verify is 401 without detail, and changes nothing."),
    "webhook.once": ("Standard Webhooks", "A webhook counts once, whenever and wherever it comes again."),
    "webhook.committed": ("promise: ADR 29", "A webhook is acknowledged once it is committed, and 503 until then."),
    "webhook.wakes": ("promise: ADR 29", "An event wakes who waits for its sale; the newest of each payment counts."),
    "webhook.ours": ("promise: SECURITY.md", "Events of other sales and unknown ones are acknowledged and forgotten."),
    "webhook.ledger": ("promise", "What came after a sale is kept sealed, and goes with its order."),
    "webhook.doctor": ("promise", "The doctor says when the last webhook came, and that none came though it should."),
    # The return page
    "return.token": ("promise: SECURITY.md", "A return page has 128 random bits, and no result or log has them."),
    "return.default": ("promise", "With CHECKOUT_PUBLIC_URL a session without a return_url gets the return page's."),
    "return.clean": ("promise", "What the provider appends selects nothing and is gone after one redirect."),
    "return.shows": ("promise", "The page shows what the session came to, in its language, and what comes next."),
    "return.neutral": ("promise", "Whatever is no return page is the same 404."),
    "return.asked_rarely": ("promise", "The API is asked at most once in 5 seconds for a token."),
    "return.keys": ("promise: SECURITY.md", "Licence keys are shown for an hour to who paid at once, and to no agent."),
    "public.apart": ("promise", "The public listener serves webhooks and return pages alone, and /mcp has neither."),
    # Command line and transports
    "cli.demo": ("promise", "The demo performs a whole sale without key, account or network."),
    "cli.doctor": ("promise", "The doctor reports what is wrong and how to fix it."),
    "cli.settings": ("promise", "An invalid setting prevents the start and is named, without its value."),
    "cli.live_host": ("promise", "The live host needs live_mode: no question says TEST MODE over real money."),
    "cli.usage": ("promise", "Help is instant and an unknown command a usage error."),
    "cli.garbage": ("promise", "A server that starts looks through nothing that stays, and collects from then on."),
    "cli.install": ("promise", "Install changes nothing but its own entry, after a yes, with a backup."),
    "transport.stop": ("promise: ADR 4", "A stopping server records what is in flight and ends."),
    "transport.no_delay": ("promise", "No answer waits until the one before it is acknowledged."),
    "transport.bounded_head": ("HTTP: RFC 9112", "A request whose head or framing never ends is refused."),
    "transport.fast_loop": ("promise", "The servers run on uvloop where there is one, and without it elsewhere."),
    "authorization.tokens": ("MCP: authorization", "Over HTTP a request passes with a token that counts alone."),
    "authorization.keys": ("promise: ADR 37", "An issuer's keys are asked for seldom, and an outage refuses no token."),
    "authorization.scopes": ("promise: ADR 38", "A caller is shown what they may call, and the rest names its scope."),
    "authorization.static": ("promise", "A static token is kept as a hash, and a revoked one counts no more at once."),
    "authorization.none": ("promise", "A server without tokens serves this machine alone, and nobody through a proxy."),
    "authorization.stays": ("MCP: token passthrough", "No token of a client reaches the payment API or a log."),
    "transport.loopback": ("promise", "serve without tokens is reached from this machine only, by a name of its own."),
    "transport.names": ("promise: ADR 41", "Other names and pages than the listed ones are refused, with the setting."),
    "transport.proxies": ("promise: ADR 41", "Forwarded headers count from trusted proxies alone."),
    "transport.replicas": ("promise: ADR 41", "Any replica answers any request, and asks where it can hear."),
    "transport.rotation": ("promise: README.md", "Keys change without a pause: old and new servers sell as one."),
    "transport.robust": ("MCP: transports", "What is not JSON-RPC is refused and logged, and stops nothing."),
    "transport.browser": ("Fetch: CORS", "A page of this machine may ask, once the Host has been checked."),
    "transport.bounds": ("promise", "A request over HTTP that is too large is told so."),
}  # fmt: skip

REQUIREMENTS = (
    {rule.id: Requirement("guide and API", f"{rule.tool}: {rule.problem}") for rule in RULES}
    | {rule.id: Requirement("guide and API", f"create_checkout_session: {rule.problem}") for rule in SALE_RULES}
    | {requirement_id: Requirement(*words) for requirement_id, words in _OWN.items()}
)
