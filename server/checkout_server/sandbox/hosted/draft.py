"""A session's page as far as it is filled in, with what that costs."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from checkout_server.sandbox.body import Body, part
from checkout_server.sandbox.errors import ApiError
from checkout_server.sandbox.hosted.asked import given
from checkout_server.sandbox.hosted.reading import CARD_FIELDS, Form, Unacceptable, known_contact, read_changes
from checkout_server.sandbox.pricing import quote
from checkout_server.sandbox.sessions import Sandbox, Session
from checkout_server.words.languages import Words, choose_words


@dataclass(frozen=True, slots=True)
class Draft:
    """What a page is made from."""

    session: Session
    words: Words
    order: Body = field(repr=False)
    """The session's, with what the buyer changed."""
    changes: Body = field(repr=False)
    document: Body
    """What the order costs now."""
    form: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    """What was typed, without the card."""
    problem: str | None = None
    """The word of what has to be filled in otherwise."""
    decline: str | None = None
    """The word of why the last attempt failed."""

    @property
    def total(self) -> str:
        """What the pay button charges, as it comes back with the form."""
        return f"{self.document['current_breakup']['total_amount']} {self.document['currency']}"

    def value(self, name: str) -> str:
        """What a field holds: what was typed, or else what is known."""
        known = known_contact(self.session, name) if name in {"email", "name", "phone"} else given(self.order, name)
        return self.form.get(name, known)


def begin_draft(sandbox: Sandbox, session: Session, accepted: str, form: Form | None = None) -> Draft:
    """The page for what a form says so far; a code or a value that cannot be used is left out, and named."""
    typed = {name: value for name, value in (form or {}).items() if name not in CARD_FIELDS}
    words = words_of(session.order, accepted)
    try:
        return _priced(sandbox, session, words, typed)
    except Unacceptable as problem:
        return replace(_priced(sandbox, session, words, {}), form=typed, problem=problem.word)
    except ApiError:  # of a discount code: all else was checked when the session was made
        return replace(
            _priced(sandbox, session, words, typed | {"discount_code": ""}), form=typed, problem="problem_code"
        )


def words_of(order: Body, accepted: str) -> Words:
    """The language that the order forces, or one that the browser accepts."""
    return choose_words(part(order, "customization").get("force_language"), accepted)


def _priced(sandbox: Sandbox, session: Session, words: Words, typed: Form) -> Draft:
    changes = read_changes(session.order, typed)
    order = session.order | changes
    document = quote(order, sandbox.clock()).document if changes else session.quote.document
    return Draft(session, words, order, changes, document, typed)
