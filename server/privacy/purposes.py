"""Every purpose that data is used for, in words for the person, and what hangs on it.

What the service can't do without has no switch: whoever accepts the policy has it. Everything else
is a row with a switch of its own. A test compares each row's routes with those that answer
otherwise once it is off, and its `Why`s with the labels.

The text is what people agree to: a changed letter is another text, and asks everybody anew.
"""

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from server.foundation.labels import Why
from server.foundation.purposes import Purpose


class Basis(StrEnum):
    """The lawful ground that a purpose stands on."""

    CONTRACT = "contract"
    CONSENT = "consent"


class Switch(StrEnum):
    """Whether the person decides, and what holds until they do."""

    NONE = "none"
    ON_AT_FIRST = "on_at_first"  # part of the contract, with a right to object
    OFF_AT_FIRST = "off_at_first"


@dataclass(frozen=True, slots=True)
class DeclaredPurpose:
    """One purpose. `covers` are the labels' reasons; each reason belongs to one purpose."""

    code: str
    title: str
    explanation: str
    switch: Switch
    covers: tuple[Why, ...]
    routes: tuple[str, ...] = ()  # those that answer 409 while it is off
    shares_or_analyses: bool = False  # then `Sec-GPC: 1` keeps it off

    @property
    def basis(self) -> Basis:
        """What is off until chosen stands on consent, the rest on the contract."""
        return Basis.CONSENT if self.switch is Switch.OFF_AT_FIRST else Basis.CONTRACT

    @property
    def sha256(self) -> str:
        """The fingerprint of the text: title, empty line, explanation, in UTF-8."""
        return hashlib.sha256(f"{self.title}\n\n{self.explanation}".encode()).hexdigest()


PURPOSES: Final = (
    DeclaredPurpose(
        Purpose.ACCOUNT,
        "Your account",
        "To have an account for you: what you typed to register, and how you sign in.",
        Switch.NONE,
        (Why.ACCOUNT,),
    ),
    DeclaredPurpose(
        Purpose.PROFILE,
        "What you tell about yourself",
        "To show you what you typed about yourself: birthday, gender, hobbies. We don't ask for it "
        "and do nothing else with it. It is there only if you type it, only you see it, and you "
        "can empty each field at any time.",
        Switch.NONE,
        (Why.PROFILE,),
    ),
    DeclaredPurpose(
        Purpose.SECURITY,
        "The safety of your account",
        "To write down each use of your account with its time, network and kind of device, so "
        "that you see in your history whatever was not you.",
        Switch.NONE,
        (Why.SECURITY,),
    ),
    DeclaredPurpose(
        Purpose.CALLS,
        "Your cameras",
        "To connect you with your cameras, and to know whose they are.",
        Switch.NONE,
        (Why.SERVICE,),
    ),
    DeclaredPurpose(
        Purpose.WARRANTY,
        "The warranty",
        "To know from when to when, and in which country, a camera's warranty holds.",
        Switch.NONE,
        (Why.WARRANTY,),
    ),
    DeclaredPurpose(
        Purpose.SUPPORT,
        "Support",
        "To help you when you ask for it. Each look that our people take is in your history.",
        Switch.NONE,
        (Why.SUPPORT, Why.OPERATION),
    ),
    DeclaredPurpose(
        Purpose.EVIDENCE,
        "Proof",
        "To prove what was agreed: which policy you accepted, and what you chose on this page.",
        Switch.NONE,
        (Why.EVIDENCE,),
    ),
    DeclaredPurpose(
        Purpose.COUNTRY_OF_USE,
        "Country of each use",
        "With each use of your account we write down the country that it came from, so that you "
        "notice a use from abroad. It is kept for half a year, and only you see it. The country of "
        "a camera's first use also tells where its warranty counts. If you switch this off, the "
        "countries in your history are deleted, no new ones are written down, and a camera that "
        "you first use from then on has the warranty of the country it was sold in.",
        Switch.ON_AT_FIRST,
        (Why.COUNTRY_OF_USE,),
    ),
    DeclaredPurpose(
        Purpose.TOWN_OF_USE,
        "Town of each use",
        "With each use of your account, and when you first use a camera, we also write down the "
        "town or region, as well as it can be told from your network. Your history then shows "
        "towns, so that you notice a stranger who is in your own country. It is kept for half a "
        "year, that of a camera's first use for as long as your account. If you switch this off, "
        "the towns that we hold are deleted.",
        Switch.OFF_AT_FIRST,
        (Why.TOWN_OF_USE,),
    ),
    DeclaredPurpose(
        Purpose.VICINITY_OF_USE,
        "Place of each use, to about 10 km",
        "With each use of your account we write down the town together with how exactly it is "
        "known, down to about 10 kilometres. Your history then tells a good guess from a poor one. "
        "It is kept for half a year. We never store coordinates. If you switch this off, these "
        "places are deleted.",
        Switch.OFF_AT_FIRST,
        (Why.VICINITY_OF_USE,),
    ),
    DeclaredPurpose(
        Purpose.CAMERA_TOWN,
        "Town of a camera",
        "When you ask for it, we note beside a camera in which town or region you are then, so "
        "that you can tell apart the cameras of two homes. A camera has one town and no earlier "
        "ones, and only you see it. It goes when you release the camera. If you switch this off, "
        "the towns of all your cameras are deleted.",
        Switch.OFF_AT_FIRST,
        (Why.CAMERA_TOWN,),
        routes=("PUT /v1/cameras/{camera_id}/town",),
    ),
)
