"""A purpose with a high risk is off until somebody reviewed it and the person was told."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from server.foundation.labels import Why
from server.privacy.purpose_gate import PurposeGate
from server.privacy.purposes import PURPOSES, Assessment, DeclaredPurpose, Risk, Switch
from tests.people import people
from tests.privacy.choosing import chooser
from tests.privacy.declaring import FIRST, MARKETING, edition, with_more

WHY = "Whoever is advertised to is looked at."
REVIEW = "review of 2 December 2026"
ANNOUNCED = with_more(purposes=(*FIRST.declared.purposes, replace(MARKETING, risk="high")))
NO_WORD = with_more()  # of its risk


def marketing(risk: Risk, reviewed: str | None = None) -> DeclaredPurpose:
    assessment = Assessment(risk, WHY, reviewed)
    return DeclaredPurpose(
        "marketing", "Advertising", "To show you offers.", Switch.OFF_AT_FIRST, (),
        assessment=assessment,
    )  # fmt: skip


def test_a_purpose_without_an_assessment_can_not_be_made() -> None:
    given: dict[str, Any] = {"switch": Switch.NONE, "covers": (Why.ACCOUNT,)}
    with pytest.raises(TypeError, match="assessment"):
        DeclaredPurpose("account", "Your account", "To have one.", **given)


@pytest.mark.parametrize("why", ["", "low", "No risk"])
def test_an_assessment_says_why(why: str) -> None:
    with pytest.raises(ValueError, match="why"):
        Assessment(Risk.LOW, why)


@pytest.mark.parametrize(
    ("purpose", "told", "on"),
    [
        (marketing(Risk.LOW), NO_WORD, True),
        (marketing(Risk.HIGH, REVIEW), ANNOUNCED, True),
        (marketing(Risk.HIGH, REVIEW), NO_WORD, False),
        (marketing(Risk.HIGH), ANNOUNCED, False),
    ],
    ids=["low", "reviewed and told", "not told", "not reviewed"],
)
async def test_a_high_risk_is_on_only_once_it_is_reviewed_and_told(
    tmp_path: Path, database_url: str, purpose: DeclaredPurpose, told: Any, on: bool
) -> None:
    """Even if a yes to it stands there from a time when its risk was thought to be low."""
    editions, low = (edition(2026, told),), (*PURPOSES, marketing(Risk.LOW))
    async with (
        people(tmp_path, database_url, editions=editions, purposes=low) as house,
        house.browser() as browser,
    ):
        person = await chooser(house, browser)
        await person.chosen("marketing", on=True)
        state: Any = vars(house.app)["_app"].state
        state.purposes = PurposeGate((*PURPOSES, purpose), state.policy.risks_told)
        house.database.choices = state.purposes.granted
        assert (await person.purposes())["marketing"]["on"] is on


async def test_what_waits_for_a_review_can_not_be_switched_on(
    tmp_path: Path, database_url: str
) -> None:
    purposes = (*PURPOSES, marketing(Risk.HIGH))
    async with (
        people(tmp_path, database_url, purposes=purposes) as house,
        house.browser() as browser,
    ):
        person = await chooser(house, browser)
        refused = await person.switch("marketing", on=True)
        assert (refused.status_code, refused.json()["code"]) == (409, "purpose_held_off")
        assert (await person.switch("marketing", on=False)).is_success  # a no is always taken
