"""The buyer, who pays on the hosted page: over HTTP, with what a browser would send of the page's form."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

import httpx2

BUYER = {"email": "marguerite.fairweather@example.com", "name": "Marguerite Fairweather"}
"""Long words, which no random id in the log contains by chance."""
_BY_PURPOSE = {
    "email": BUYER["email"],
    "name": BUYER["name"],
    "cc-name": BUYER["name"],
    "cc-number": "4242 4242 4242 4242",
    "cc-exp": "12/40",
    "cc-exp-month": "12",
    "cc-exp-year": "2040",
    "cc-csc": "123",
    "country": "US",
    "postal-code": "94102",
}
"""What the buyer types, by the purpose that a field names in ``autocomplete``. The card is the usual one of tests."""
_NOT_SENT = frozenset({"button", "file", "image", "reset", "submit"})
_NEEDED = frozenset({"required", "data-required"})
"""The second is for a field that is needed as long as its part of the page is chosen."""
_TICKED = frozenset({"checkbox", "radio"})


@dataclass(slots=True)
class Form:
    """A form of a page, as it would be sent by its first button."""

    action: str
    is_post: bool
    fields: dict[str, str] = field(default_factory=dict[str, str], repr=False)
    purposes: dict[str, str] = field(default_factory=dict[str, str], repr=False)
    """Of each field, as its ``autocomplete`` says; empty where it does not."""
    examples: dict[str, str] = field(default_factory=dict[str, str], repr=False)
    """What the page shows in the empty fields that have to be filled in, such as the number of a test card."""
    has_button: bool = False

    def filled_in(self) -> dict[str, str]:
        """The fields with what the buyer types into those that are empty."""
        return {name: value or self._typed(name) for name, value in self.fields.items()}

    def _typed(self, name: str) -> str:
        return _BY_PURPOSE.get(self.purposes.get(name, "")) or self.examples.get(name, "")


@dataclass(frozen=True, slots=True)
class Submission:
    """What was sent to the hosted page, and how it answered."""

    fields: tuple[str, ...]
    """Those that were not left empty."""
    action: str
    status: int


async def pay_on_page(url: str) -> Submission | None:
    """Open the hosted page and send its form; None where the page has none.

    Raises:
        httpx2.HTTPError: the page cannot be reached.
    """
    async with httpx2.AsyncClient(trust_env=False, verify=False) as browser:  # there is no TLS
        page = await browser.get(url)
        form = find_form(page.text)
        if form is None:
            return None
        filled_in = form.filled_in()
        # Where the page sends the buyer afterwards is a shop that does not exist.
        answer = await browser.post(
            urljoin(str(page.url), form.action), data=filled_in, headers={"origin": _origin(page.url)}
        )
        return Submission(
            tuple(name for name, value in filled_in.items() if value), answer.request.url.path, answer.status_code
        )


def _origin(url: httpx2.URL) -> str:
    return f"{url.scheme}://{url.netloc.decode()}"


def find_form(html: str) -> Form | None:
    """The form that asks for an e-mail address, else the first that is posted."""
    reader = _FormReader()
    reader.feed(html)
    posted = [each for each in reader.forms if each.is_post]
    asking = [each for each in posted if "email" in each.purposes.values()]
    return next(iter([*asking, *posted]), None)


class _FormReader(HTMLParser):
    """Collects forms with the values that a browser would send if nothing was touched."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._form: Form | None = None
        self._select: str | None = None
        """The name of the one that is open."""
        self._option: str | None = None
        """The name of the select whose value is the text that comes next."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = Form(given.get("action", ""), given.get("method", "").lower() == "post")
            self.forms.append(self._form)
        elif self._form is not None and "disabled" not in given:
            self._read_control(self._form, tag, given)

    def handle_data(self, data: str) -> None:
        if self._form is not None and self._option is not None:
            self._form.fields[self._option] = data.strip()
            self._option = None

    def handle_endtag(self, tag: str) -> None:
        self._option = None
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = None

    def _read_control(self, form: Form, tag: str, given: dict[str, str]) -> None:
        name, kind = given.get("name", ""), given.get("type", "").lower()
        if tag == "button" or kind == "submit":
            if not form.has_button and kind in {"", "submit"} and "formaction" not in given:
                form.has_button = True
                form.fields |= {name: given.get("value", "")} if name else {}
        elif tag == "option" and self._select is not None:
            if self._select not in form.fields or "selected" in given:
                form.fields[self._select] = given.get("value", "")
                self._option = self._select if "value" not in given else None
        elif name and tag in {"input", "select", "textarea"}:
            form.purposes[name] = given.get("autocomplete", "").rpartition(" ")[2]
            if _NEEDED & given.keys():
                form.examples[name] = given.get("placeholder", "")
            if tag == "select":
                self._select = name
            elif kind in _TICKED:
                if "checked" in given or (kind == "radio" and "required" in given and name not in form.fields):
                    form.fields[name] = given.get("value", "on")
            elif kind not in _NOT_SENT:
                form.fields[name] = given.get("value", "")
