"""News goes to those who switched it on and confirmed it, and to nobody who ended it."""

import asyncio
from typing import Any

import pytest

from server.foundation.purposes import Purpose
from server.privacy.news import sending
from server.privacy.news.errors import UnfitIssue
from server.privacy.news.issue_file import LONGEST_SUBJECT, read_draft
from server.privacy.news.states import LetterState
from server.privacy.news.tables import LettersWanted, NewsLetter
from server.privacy.tables import Consent
from tests.people import People
from tests.privacy.choosing import chooser
from tests.privacy.news.readers import (
    address,
    confirming_link,
    end_link,
    mail_server,
    queue,
    reader,
)

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


async def states(house: People) -> list[str]:
    return sorted(it.state for it in await house.rows(NewsLetter))


async def test_news_goes_to_who_confirmed_it_and_one_click_without_sign_in_ends_it(
    house: People,
) -> None:
    async with house.browser() as a, house.browser() as b, house.browser() as c:
        with mail_server() as server:
            anna = await reader(house, a, "anna")
            await reader(house, b, "ben", confirmed=False)
            await chooser(house, c, to=address("carl"))
            await queue(house)
            await server.sender(house).run_due()
            (letter,) = server.taken
            assert letter["To"] == address("anna")
            assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
            text = str(letter.get_content())
            (given,) = [it for it in await house.rows(Consent) if it.account_id == anna.id]
            assert given.id in text
            assert house.settings.contact_postal_address in text
            assert end_link(letter) in text
            assert anna.id not in end_link(letter)

            async with house.browser() as program:  # signed in nowhere
                looked = await program.get(end_link(letter))
                assert looked.status_code == 200
                assert (await anna.purposes())["news"]["on"] is True
                ended = await program.post(end_link(letter), data=ONE_CLICK)
                assert (ended.status_code, "set-cookie" in ended.headers) == (200, False)
            assert (await anna.purposes())["news"]["on"] is False
            newest = (await anna.ask("GET", "/v1/privacy/choices")).json()["choices"][0]
            assert (newest["purpose"], newest["state"]) == ("news", "withdrawn")
            receipt = await anna.ask("GET", f"/v1/privacy/receipts/{newest['id']}")
            assert receipt.json()["receipt"].count(".") == 2
            (wanted,) = [it for it in await house.rows(LettersWanted) if it.account_id == anna.id]
            assert wanted.news_confirmed_at is None

            await queue(house)
            await server.sender(house).run_due()
            assert server.readers == [address("anna")]


@pytest.mark.parametrize("by", ["switch", "link", "off and on again"])
async def test_who_ends_it_between_queueing_and_sending_gets_none(house: People, by: str) -> None:
    async with house.browser() as a, house.browser() as b:
        with mail_server() as server:
            await reader(house, b, "ben")
            anna = await reader(house, a, "anna")
            await queue(house)
            await server.sender(house).run_due()
            link = next(end_link(it) for it in server.taken if it["To"] == address("anna"))
            server.taken.clear()
            issue = await queue(house)
            async with house.database.writing() as db:
                assert not await sending.write_some(db, issue, house.foundation)
            if by == "link":
                await a.post(link, data=ONE_CLICK)
            else:
                await anna.chosen("news", on=False)
            if by == "off and on again":
                await anna.chosen("news", on=True)  # not confirmed anew
            await server.sender(house).run_due()
            assert server.readers == [address("ben")]
    assert await states(house) == [LetterState.DROPPED, *[LetterState.SENT] * 3]


async def test_who_ends_it_while_letters_go_out_gets_none_that_did_not_go(house: People) -> None:
    async with house.browser() as a, house.browser() as b:
        with mail_server() as server:
            people = {address("anna"): await reader(house, a, "anna")}
            people[address("ben")] = await reader(house, b, "ben")
            await queue(house)
            server.may_answer.clear()
            running = asyncio.create_task(server.sender(house).run_due())
            await asyncio.to_thread(server.reading.wait, 30)  # the first letter is on its way
            for person in people.values():
                await person.chosen("news", on=False)
            server.may_answer.set()
            await running
            assert len(server.taken) == 1
    assert await states(house) == [LetterState.DROPPED, LetterState.SENT]


async def test_two_processes_at_once_send_each_letter_once(house: People) -> None:
    async with house.browser() as a, house.browser() as b, house.browser() as c:
        with mail_server() as server:
            for browser, name in ((a, "anna"), (b, "ben"), (c, "carl")):
                await reader(house, browser, name)
            await queue(house)
            await asyncio.gather(*(server.sender(house).run_due() for _ in range(3)))
            assert sorted(server.readers) == [address(it) for it in ("anna", "ben", "carl")]


@pytest.mark.parametrize(
    ("answer", "after", "then"),
    [
        ("250 OK", LetterState.SENT, LetterState.SENT),
        ("451 later", LetterState.WAITING, LetterState.SENT),
        ("550 no such mailbox", LetterState.REFUSED, LetterState.REFUSED),
        ("250 and gone", LetterState.TAKEN, LetterState.TAKEN),  # it may have arrived
    ],
)
async def test_a_letter_that_may_have_arrived_is_not_sent_again(
    house: People, answer: str, after: LetterState, then: LetterState
) -> None:
    answers = [answer, "250 OK"]
    async with house.browser() as a:
        with mail_server(lambda _: answers.pop(0)) as server:
            await reader(house, a, "anna")
            await queue(house)
            await server.sender(house).run_due()
            assert await states(house) == [after]
            house.clock.advance(hours=1)
            await server.sender(house).run_due()
            assert await states(house) == [then]
            assert len(server.taken) == (0 if then is LetterState.REFUSED else 1)


async def test_letters_wait_for_a_mail_server_that_is_away(house: People) -> None:
    async with house.browser() as a, house.browser() as b:
        await reader(house, a, "anna")
        await reader(house, b, "ben")
        await queue(house)
        with mail_server() as server:
            pass  # gone
        await server.sender(house).run_due()
        assert await states(house) == [LetterState.WAITING] * 2
        house.clock.advance(hours=1)
        with mail_server() as server:
            await server.sender(house).run_due()
            assert sorted(server.readers) == [address("anna"), address("ben")]


async def test_invitations_are_their_own_choice_and_go_to_a_country_at_the_finest(
    house: People,
) -> None:
    async with house.browser() as a, house.browser() as b, house.browser() as c:
        with mail_server() as server:
            await reader(house, a, "anna", "invitations", area="PT")
            await reader(house, b, "ben", "invitations", area="DE")
            await reader(house, c, "carl", "news", area="PT")
            await queue(house, Purpose.INVITATIONS, "PT")
            await server.sender(house).run_due()
            assert server.readers == [address("anna")]
            assert "“Invitations”" in str(server.taken[0].get_content())
    with pytest.raises(UnfitIssue, match="invitations only"):
        await queue(house, Purpose.NEWS, "PT")
    with pytest.raises(UnfitIssue, match="two capital letters"):
        await queue(house, Purpose.INVITATIONS, "Lisbon")


async def test_who_is_leaving_gets_no_more_letters(house: People) -> None:
    async with house.browser() as a:
        with mail_server() as server:
            anna = await reader(house, a, "anna")
            await queue(house)
            body = {"password": "violet ladder under tin rain"}
            answer = await anna.ask("POST", "/v1/account/cancellation", json=body)
            assert answer.status_code == 202, answer.text
            await server.sender(house).run_due()
            assert server.taken == []


def changed(link: str) -> dict[str, str]:
    head, _, token = link.rpartition("/")
    first, last = ("1" if it == "0" else "0" for it in (token[0], token[-1]))
    return {
        "another hash": f"{head}/{token[:-1]}{last}",
        "another id": f"{head}/{first}{token[1:]}",
        "another kind": link.replace("/news/", "/invitations/"),
        "another act": link.replace("/confirm/", "/end/"),
        "no letters": link.replace("/news/", "/town_of_use/"),
    }


@pytest.mark.parametrize("how", list(changed("x/confirm/y0")))
async def test_a_link_that_we_did_not_write_does_nothing(house: People, how: str) -> None:
    async with house.browser() as a:
        anna = await reader(house, a, "anna", confirmed=False)
        answer = await a.post(changed(confirming_link(house, "anna"))[how])
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown_letter_link")
        (wanted,) = await house.rows(LettersWanted)
        assert (wanted.news_confirmed_at, wanted.invitations_confirmed_at) == (None, None)
        assert (await anna.purposes())["news"]["on"] is True


async def test_a_confirmation_is_good_for_the_choice_that_it_was_asked_for(house: People) -> None:
    async with house.browser() as a:
        anna = await reader(house, a, "anna", confirmed=False)
        link = confirming_link(house, "anna")
        await anna.chosen("news", on=False)
        assert (await a.post(link)).status_code == 404
        await anna.chosen("news", on=True)
        assert (await a.post(link)).status_code == 404  # the older choice's
        assert (await a.get(confirming_link(house, "anna"))).status_code == 200
        (wanted,) = await house.rows(LettersWanted)
        assert wanted.news_confirmed_at is None  # looking is not agreeing
        assert (await a.post(confirming_link(house, "anna"))).status_code == 200


DRAFTS: list[tuple[bytes, Any]] = [
    ("Subject: Grüße\n\nOlá.\n\nBye\n".encode(), ("Grüße", "Olá.\n\nBye")),
    (b"Subject: Hello\r\n\r\nText\r\n", ("Hello", "Text")),
    (b"Hello\n\nText\n", "begin with one line"),
    (b"Subject: Hello\nBcc: everybody@example.com\n\nText\n", "begin with one line"),
    (b"Subject: Hello\n", "begin with one line"),
    (b"Subject: \n\nText\n", "printable"),
    (b"Subject: " + b"x" * (LONGEST_SUBJECT + 1) + b"\n\nText\n", "printable"),
    (b"Subject: Hello\n\n \n", "the text has"),
    (b"Subject: Hello\n\n\xff\n", "not UTF-8"),
]


@pytest.mark.parametrize(("raw", "told"), DRAFTS, ids=range(len(DRAFTS)))
def test_a_file_is_sent_as_it_is_or_refused(raw: bytes, told: Any) -> None:
    if isinstance(told, str):
        with pytest.raises(UnfitIssue, match=told):
            read_draft(raw)
    else:
        draft = read_draft(raw)
        assert (draft.subject, draft.text) == told
