"""Every purpose that data is used for, in words for the person, and what hangs on it.

What the service can't do without has no switch: whoever accepts the policy has it. Everything else
is a row with a switch of its own. A test compares each row's routes with those that answer
otherwise once it is off, and its `Why`s with the labels.

The text is what people agree to: a changed letter is another text, and asks everybody anew. Each
purpose says what the assessment of its risk found: without one a row can't be made, and with a high
one it is off until somebody reviewed it and the person was told (GDPR Art. 35).
"""

import hashlib
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from server.foundation.labels import Why
from server.foundation.purposes import Purpose

LOCATION: Final = "location"  # the permission without which a phone tells no app where it is


class Basis(StrEnum):
    """The lawful ground that a purpose stands on."""

    CONTRACT = "contract"
    LAW = "law"
    CONSENT = "consent"
    EXCEPTION = "exception"  # for one person, for a time: see `exceptions/`


class Switch(StrEnum):
    """Whether the person decides, and what holds until they do."""

    NONE = "none"
    ON_AT_FIRST = "on_at_first"  # part of the contract, with a right to object
    OFF_AT_FIRST = "off_at_first"


class Risk(StrEnum):
    """What an assessment found of the risk for people."""

    LOW = "low"
    HIGH = "high"


@dataclass(frozen=True, slots=True)
class Assessment:
    """The risk of a purpose and why it is so, in a line. `reviewed` names the review of a high one.

    Raises ValueError where no reason is given.
    """

    risk: Risk
    why: str
    reviewed: str | None = None

    def __post_init__(self) -> None:
        """An assessment without a reason is none."""
        if len(self.why.split()) < SHORTEST:
            raise ValueError("say in a line why the risk is so")


SHORTEST: Final = 3  # words


@dataclass(frozen=True, slots=True)
class DeclaredPurpose:
    """One purpose. `covers` are the labels' reasons; each reason belongs to one purpose."""

    code: str
    title: str
    explanation: str
    switch: Switch
    covers: tuple[Why, ...]
    routes: tuple[str, ...] = ()  # those that answer 409 while it is off
    also_uses: tuple[str, ...] = ()  # `table.column`s of other purposes, as the text must say
    permission: str | None = None  # of the phone, without which it is off
    shares_or_analyses: bool = False  # then `Sec-GPC: 1` keeps it off
    assessment: Assessment = field(kw_only=True)

    @property
    def basis(self) -> Basis:
        """What is off until chosen stands on consent, the rest on the contract or a law."""
        if Why.LAW in self.covers:
            return Basis.LAW
        return Basis.CONSENT if self.switch is Switch.OFF_AT_FIRST else Basis.CONTRACT

    @property
    def held_off(self) -> bool:
        """Whether nobody reviewed its high risk yet. Then it is off, whatever was chosen."""
        return self.assessment.risk is Risk.HIGH and self.assessment.reviewed is None

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
        assessment=Assessment(
            Risk.LOW, "Few details, all typed by the person, sealed under a key of their own."
        ),
    ),
    DeclaredPurpose(
        Purpose.PROFILE,
        "What you tell about yourself",
        "To show you what you typed about yourself: birthday, gender, hobbies. We don't ask for it "
        "and do nothing else with it. It is there only if you type it, only you see it, and you "
        "can empty each field at any time.",
        Switch.NONE,
        (Why.PROFILE,),
        assessment=Assessment(
            Risk.LOW, "Typed only by who wants to, shown to nobody else, decides nothing."
        ),
    ),
    DeclaredPurpose(
        Purpose.SECURITY,
        "The safety of your account",
        "To write down each use of your account with its time, network and kind of device, so "
        "that you see in your history whatever was not you.",
        Switch.NONE,
        (Why.SECURITY,),
        assessment=Assessment(
            Risk.LOW,
            "Networks are cut short and kept for thirty days; only their owner reads them.",
        ),
    ),
    DeclaredPurpose(
        Purpose.CALLS,
        "Your cameras",
        "To connect you with your cameras, and to know whose they are.",
        Switch.NONE,
        (Why.SERVICE,),
        assessment=Assessment(
            Risk.LOW, "We introduce devices and see no picture; a camera has one owner."
        ),
    ),
    DeclaredPurpose(
        Purpose.WARRANTY,
        "The warranty",
        "To know from when to when, and in which country, a camera's warranty holds.",
        Switch.NONE,
        (Why.WARRANTY,),
        assessment=Assessment(Risk.LOW, "A day, a model and a country; no payment and no address."),
    ),
    DeclaredPurpose(
        Purpose.SUPPORT,
        "Support",
        "To help you when you ask for it. Each look that our people take is in your history.",
        Switch.NONE,
        (Why.SUPPORT, Why.OPERATION),
        assessment=Assessment(
            Risk.LOW, "Only with a case and a reason, and each look is in the person's own history."
        ),
    ),
    DeclaredPurpose(
        Purpose.EVIDENCE,
        "Proof",
        "To prove what was agreed: which policy you accepted, and what you chose on this page.",
        Switch.NONE,
        (Why.EVIDENCE,),
        assessment=Assessment(
            Risk.LOW, "Versions, fingerprints and moments; nothing about how somebody lives."
        ),
    ),
    DeclaredPurpose(
        Purpose.LAW,
        "What a law makes us keep",
        "To keep what a law or a court demands, beyond everything else that we use it for. It is "
        "sealed by itself and opened for that law only, and it is deleted after the last day that "
        "we tell you.",
        Switch.NONE,
        (Why.LAW,),
        assessment=Assessment(
            Risk.LOW, "Sealed under keys of its own, opened for one law only, gone on a stated day."
        ),
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
        assessment=Assessment(
            Risk.LOW, "A country is coarse, kept for half a year, and only its owner sees it."
        ),
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
        permission=LOCATION,
        assessment=Assessment(
            Risk.LOW, "Off until chosen, no coordinates, and deleted when it is switched off."
        ),
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
        permission=LOCATION,
        assessment=Assessment(
            Risk.LOW, "Off until chosen; ten kilometres at best, no query joins places into a path."
        ),
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
        permission=LOCATION,
        assessment=Assessment(
            Risk.LOW, "Noted by hand, one town and no earlier ones, gone with the camera."
        ),
    ),
    DeclaredPurpose(
        Purpose.NEWS,
        "News about SecuHome",
        "A few times a year we send a letter about new features and new cameras to your e-mail "
        "address. The first one only asks whether you really want them: without a click on its "
        "link nothing follows. Each letter has a link that ends them, for which you need not sign "
        "in. If you switch this off, letters that wait are not sent, and we forget that you "
        "confirmed.",
        Switch.OFF_AT_FIRST,
        (Why.NEWS,),
        also_uses=("account.email",),
        assessment=Assessment(
            Risk.LOW, "Off until chosen and confirmed; an address that we have already, no profile."
        ),
    ),
    DeclaredPurpose(
        Purpose.INVITATIONS,
        "Invitations",
        "Now and then we invite people to try something out, to a meeting or to an offer, by a "
        "letter to your e-mail address. Some invitations go to one country only: for that we look "
        "at your country, as told at registration, and at nothing else. The first letter only asks "
        "whether you really want them. Each has a link that ends them, for which you need not sign "
        "in. If you switch this off, letters that wait are not sent, and we forget that you "
        "confirmed.",
        Switch.OFF_AT_FIRST,
        (Why.INVITATIONS,),
        also_uses=("account.email", "account.area"),
        assessment=Assessment(
            Risk.LOW, "Off until chosen and confirmed; address and country, no profile."
        ),
    ),
)
