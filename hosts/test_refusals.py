"""What each host hands to its model: the whole answer of each tool, and every refusal with all that mends it."""

from typing import Any

import pytest

from clients import HOSTS, Host
from report import COMMAND, PAGE, host_table, with_table
from scenarios import REFUSALS, SUCCESSES
from visits import AnswersTo, VisitOf

pytestmark = pytest.mark.timeout(300)

each_host = pytest.mark.parametrize("host", HOSTS, ids=lambda host: host.name)
ANY_HOST = HOSTS[0]


@pytest.mark.requirement("schema.refusals_fit")
@pytest.mark.parametrize("code", REFUSALS)
async def test_the_words_of_a_refusal_hold_its_code_message_and_every_problem(answers_to: AnswersTo, code: str) -> None:
    """So a host that shows either channel shows all; and each call is refused for what it is meant to show."""
    answer = (await answers_to(ANY_HOST))[code]
    error: dict[str, Any] = dict(answer.structured)["error"]
    said = [f"{problem['path']} {problem['problem']}" for problem in error["problems"]]
    said += [problem["suggestion"] for problem in error["problems"] if "suggestion" in problem]
    if "price_change" in error:
        said.append(error["price_change"]["preview_id"])
    missing = [text for text in (code, error["message"], error["retry"], *said) if text not in answer.words]
    assert (error["code"], missing) == (code, [])


@pytest.mark.requirement("schema.refusals_fit")
@each_host
@pytest.mark.parametrize("call", SUCCESSES + REFUSALS)
async def test_a_host_hands_over_the_whole_answer(
    visit_of: VisitOf, answers_to: AnswersTo, host: Host, call: str
) -> None:
    answer = (await answers_to(host))[call]
    handed = (await visit_of(host)).handed[call]
    lacking = {channel: told for channel, told in handed.items() if not answer.stands_in(told)}
    channels = host.refusal_channels if call in REFUSALS and host.refusal_channels else host.channels
    assert (tuple(handed), lacking) == (channels, {})


@pytest.mark.requirement("schema.refusals_fit")
@each_host
async def test_the_fresh_preview_that_a_host_hands_over_can_be_sold(
    visit_of: VisitOf, answers_to: AnswersTo, host: Host
) -> None:
    change: Any = (await answers_to(host))["price_changed"].structured["error"]["price_change"]
    visit = await visit_of(host)
    assert visit.sold_fresh == {channel: [change["new"]["total"]] for channel in visit.handed["price_changed"]}


@pytest.mark.requirement("schema.refusals_fit")
async def test_a_cut_answer_and_one_of_another_call_are_noticed(answers_to: AnswersTo) -> None:
    """Otherwise the tests above would prove nothing."""
    answers = await answers_to(ANY_HOST)
    for name, answer in answers.items():
        others = [other.structured for other in answers.values() if other is not answer]
        assert not answer.stands_in([answer.words[:-1], {"error": {"code": name}}, *others])


@pytest.mark.requirement("schema.refusals_fit")
def test_the_page_has_the_table_of_hosts() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page == with_table(page, "hosts", host_table()), f"run: {COMMAND}"
