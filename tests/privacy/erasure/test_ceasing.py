"""We end the service for a country, or for somebody: told, erased unasked, and nobody else."""

import pytest

from server.accounts.tables import Account
from server.privacy.erasure.ceasing import Whom, cease, concerned
from server.privacy.erasure.tables import Tombstone
from tests.people import People

WHY = "We leave your country."
ANNA, BEN, CARL = "anna@example.com", "ben@example.com", "carl@example.com"


async def residents(house: People) -> dict[str, str]:
    """The ids of Anna and Carl, who live in Portugal, and of Ben, who doesn't."""
    ids: dict[str, str] = {}
    for email, area in ((ANNA, "PT"), (BEN, "DE"), (CARL, "PT")):
        async with house.browser() as browser:
            made = await house.register(browser, email, area=area, name=f"canary of {email}")
        ids[email] = made["account_id"]
    return ids


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
    assert await cease(house.foundation, found, WHY) == len(gone)
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
    left = {it.id: str(it.name) for it in await house.rows(Account) if it.created_at}
    assert left == {ids[it]: f"canary of {it}" for it in set(ids) - gone}
    assert await concerned(house.database, whom) == []
    assert await cease(house.foundation, found, WHY) == 0  # said twice, done once


async def test_nobody_is_nobody(house: People):
    await residents(house)
    assert await concerned(house.database, Whom(area="FR")) == []
    assert await concerned(house.database, Whom(email="nobody@example.com")) == []
