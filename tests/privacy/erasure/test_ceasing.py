"""We end the service for a country, or for somebody: told, erased unasked, and nobody else."""

from datetime import timedelta

import pytest

from server.accounts.tables import Account
from server.privacy.erasure.agreeing import (
    EndNotAgreed,
    WhyNot,
    confirm_end_of,
    propose_end,
)
from server.privacy.erasure.ceasing import Whom, cease_country, cease_one, concerned
from server.privacy.erasure.tables import Tombstone
from server.security.two_people import Operator
from server.support.tables import StaffMember
from tests.people import People

WHY = "We leave your country."
ANNA, BEN, CARL = "anna@example.com", "ben@example.com", "carl@example.com"


async def residents(house: People) -> dict[str, str]:
    """The ids of Anna and Carl, who live in Portugal, and of Ben, who doesn't."""
    lives = ((ANNA, "PT"), (BEN, "DE"), (CARL, "PT"))
    return {email: await registered(house, email, area) for email, area in lives}


async def registered(house: People, email: str, area: str) -> str:
    """The id of a new account."""
    async with house.browser() as browser:
        made = await house.register(browser, email, area=area, name=f"canary of {email}")
    return made["account_id"]


async def staff(house: People, name: str, *, days_ago: int = 1) -> Operator:
    """A member of the staff who has shown a password."""
    then = house.clock.now() - timedelta(days=days_ago)
    async with house.database.writing() as db:
        member = StaffMember(id=f"stf_{name}", name=name, password_hash="-", created_at=then)
        db.add(member)
    return Operator(member.id, then)


async def proposed(house: People, by: Operator, area: str = "PT") -> str:
    """The id of a proposal to leave a country."""
    now = house.clock.now()
    async with house.database.writing() as db:
        return (await propose_end(db, house.foundation.ids, area, WHY, 2, by, now)).id


async def confirmed(house: People, end_id: str, by: Operator) -> None:
    async with house.database.writing() as db:
        await confirm_end_of(db, house.foundation.ids, end_id, by, house.clock.now())


async def left(house: People) -> set[str]:
    """The accounts that go on."""
    return {it.id for it in await house.rows(Account) if it.ends_at is None and it.ended_at is None}


@pytest.mark.parametrize(
    ("whom", "gone"), [(Whom(area="PT"), {ANNA, CARL}), (Whom(email=BEN), {BEN})]
)
async def test_whom_it_is_about_is_told_and_erased_and_others_stay(
    house: People, whom: Whom, gone: set[str]
):
    ids = await residents(house)
    before = {email: house.letters(email) for email in ids}
    found = await concerned(house.database, whom)
    assert set(found) == {ids[email] for email in gone}
    agreed = await proposed(house, await staff(house, "Uma"))
    await confirmed(house, agreed, await staff(house, "Vic"))

    async def cease() -> int:
        if whom.email is not None:
            return await cease_one(house.foundation, whom.email, WHY)
        return await cease_country(house.foundation, agreed)

    assert await cease() == len(gone)
    for email, letters in before.items():
        new = house.letters(email)[len(letters) :]
        assert len(new) == (email in gone)
        assert all(WHY in it and "/erasures/era_" in it for it in new)
    for email in gone:
        async with house.browser() as browser:
            late = await house.sign_in(browser, email, take_back=True)
        assert late.json()["code"] == "wrong_credentials"
    await house.erasures.run_due()
    assert {it.account_id for it in await house.rows(Tombstone)} == set(found)
    named = {it.id: str(it.name) for it in await house.rows(Account) if it.created_at}
    assert named == {ids[it]: f"canary of {it}" for it in set(ids) - gone}
    assert await concerned(house.database, whom) == []
    assert await cease() == 0  # said twice, done once


async def test_nobody_is_nobody(house: People):
    await residents(house)
    assert await concerned(house.database, Whom(area="FR")) == []
    assert await concerned(house.database, Whom(email="nobody@example.com")) == []


async def test_one_person_alone_ends_nobody(house: People):
    """Neither by agreeing with oneself, nor by somebody made for it, nor with a stale proposal."""
    everybody = set((await residents(house)).values())
    uma, vic = await staff(house, "Uma"), await staff(house, "Vic")
    end_id = await proposed(house, uma)
    made_for_it = await staff(house, "Wes", days_ago=0)
    for by, why in ((uma, WhyNot.SAME_PERSON), (made_for_it, WhyNot.CAME_LATER)):
        with pytest.raises(EndNotAgreed, match=why):
            await confirmed(house, end_id, by)
        with pytest.raises(EndNotAgreed, match=WhyNot.ONE_ALONE):
            await cease_country(house.foundation, end_id)
    with pytest.raises(EndNotAgreed, match=WhyNot.UNKNOWN):
        await cease_country(house.foundation, "aen_1")
    house.clock.advance(days=7, seconds=1)
    with pytest.raises(EndNotAgreed, match=WhyNot.TOO_LATE):
        await confirmed(house, end_id, vic)
    assert await left(house) == everybody
    again = await proposed(house, uma)
    await confirmed(house, again, vic)
    await confirmed(house, again, uma)  # whoever goes on with what two have agreed to
    assert await cease_country(house.foundation, again) == 2
    assert len(await left(house)) == 1
    house.clock.advance(days=1)
    newcomer = await registered(house, "late@example.com", "PT")
    await cease_country(house.foundation, again)
    assert newcomer in await left(house)  # whoever came later is not meant
    house.clock.advance(days=6, seconds=1)
    for act in (confirmed(house, again, vic), cease_country(house.foundation, again)):
        with pytest.raises(EndNotAgreed, match=WhyNot.TOO_LATE):
            await act
    assert newcomer in await left(house)
