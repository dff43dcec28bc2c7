"""Tickets of running calls: a camera can't read them, use another's, or make any."""

import base64
import json
from datetime import timedelta

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from server.foundation.identity import Identity, Kind
from server.security.call_tickets import LASTS, CallTickets
from server.security.errors import BadToken
from server.security.signing_keys import SigningKey
from server.security.tokens import TokenDesk
from tests.movable_clock import MovableClock

CAMERA, SESSION = "cam_eu1_porch", "call_1"


def a_key() -> SigningKey:
    """A signing key."""
    return SigningKey.of(Ed25519PrivateKey.generate())


class Desk:
    """Tickets, and the key and the clock behind them."""

    def __init__(self) -> None:
        self.clock = MovableClock()
        self.key = a_key()
        self.tickets = CallTickets((self.key,), "eu1", self.clock)
        until = self.clock.now() + timedelta(minutes=10)
        self.anna = Identity(Kind.ACCOUNT, "acc_eu1_anna", "ses_eu1_anna", until)

    def seal(self, lasts: int | None = None) -> str:
        """A ticket of Anna's call of the porch camera."""
        return self.tickets.seal(self.anna, CAMERA, SESSION, lasts)


@pytest.fixture
def it() -> Desk:
    """A fresh desk."""
    return Desk()


def test_a_ticket_names_the_viewer_on_any_node_of_the_cell(it: Desk) -> None:
    other_node = CallTickets((it.key,), "eu1", it.clock)
    told = other_node.open(it.seal(), CAMERA, SESSION)
    assert told is not None
    viewer = told.viewer
    assert (viewer.kind, viewer.id, viewer.session_id) == (Kind.ACCOUNT, it.anna.id, "ses_eu1_anna")
    assert told.left_s is None


def test_a_ticket_outlives_the_token_with_which_the_call_began(it: Desk) -> None:
    """A call runs for hours; whether its viewer may still see the camera is asked anew."""
    ticket = it.seal()
    it.clock.advance(days=6)
    told = it.tickets.open(ticket, CAMERA, SESSION)
    assert told is not None
    assert told.viewer.expires_at > it.clock.now()


def test_a_ticket_is_not_good_for_ever(it: Desk) -> None:
    ticket = it.seal()
    it.clock.advance(seconds=LASTS.total_seconds() - 1)
    assert it.tickets.open(ticket, CAMERA, SESSION) is not None
    it.clock.advance(seconds=1)
    assert it.tickets.open(ticket, CAMERA, SESSION) is None


def test_a_ticket_of_the_future_is_none(it: Desk) -> None:
    ticket = it.seal()
    it.clock.advance(seconds=-60)
    assert it.tickets.open(ticket, CAMERA, SESSION) is None


def test_a_session_that_expires_says_how_long_it_still_lasts(it: Desk) -> None:
    ticket = it.seal(lasts=60)
    for passed, left in ((0, 60), (45, 15), (30, -15)):
        it.clock.advance(seconds=passed)
        told = it.tickets.open(ticket, CAMERA, SESSION)
        assert told is not None
        assert told.left_s is not None
        assert left - 1 < told.left_s <= left


@pytest.mark.parametrize(
    ("cell", "camera", "session"),
    [
        ("eu1", "cam_eu1_barn", SESSION),
        ("eu1", CAMERA, "call_2"),
        ("us1", CAMERA, SESSION),
        ("eu1", "", SESSION),
        ("eu1", f"{CAMERA}{SESSION}", ""),
    ],
)
def test_a_ticket_is_for_one_camera_and_one_session_of_one_cell(
    it: Desk, cell: str, camera: str, session: str
) -> None:
    reader = CallTickets((it.key,), cell, it.clock)
    assert reader.open(it.seal(), camera, session) is None


def test_a_camera_learns_nothing_from_a_ticket_nor_from_two(it: Desk) -> None:
    first, second = it.seal(), it.seal()
    for ticket in (first, second):
        raw = base64.urlsafe_b64decode(ticket + "=" * (-len(ticket) % 4))
        for secret in (it.anna.id, it.anna.session_id, "anna", CAMERA, SESSION):
            assert secret not in ticket
            assert secret.encode() not in raw
    assert not set(_chunks(first)) & set(_chunks(second))


def _chunks(ticket: str) -> list[str]:
    return [ticket[at : at + 8] for at in range(0, len(ticket), 8)]


def test_no_bit_of_a_ticket_can_be_changed(it: Desk) -> None:
    ticket = it.seal()
    raw = base64.urlsafe_b64decode(ticket + "=" * (-len(ticket) % 4))
    for at in range(len(raw)):
        forged = raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]
        assert it.tickets.open(base64.urlsafe_b64encode(forged).decode(), CAMERA, SESSION) is None


@pytest.mark.parametrize(
    "ticket", ["", "x", "A" * 20, "A" * 1_000, "é", "a b", "\0", "=" * 9, "A="]
)
def test_what_is_no_ticket_is_none(it: Desk, ticket: str) -> None:
    assert it.tickets.open(ticket, CAMERA, SESSION) is None


def test_another_cells_key_opens_nothing(it: Desk) -> None:
    assert CallTickets((a_key(),), "eu1", it.clock).open(it.seal(), CAMERA, SESSION) is None


def test_a_key_that_was_replaced_still_opens_while_it_is_kept(it: Desk) -> None:
    ticket, newer = it.seal(), a_key()
    both = CallTickets((newer, it.key), "eu1", it.clock)
    assert both.open(ticket, CAMERA, SESSION) is not None
    newest = both.seal(it.anna, CAMERA, SESSION, None)
    assert CallTickets((newer,), "eu1", it.clock).open(newest, CAMERA, SESSION) is not None
    assert it.tickets.open(newest, CAMERA, SESSION) is None


def test_a_ticket_is_no_token_and_a_token_no_ticket(it: Desk) -> None:
    """Also not a token that says all that a ticket says, under the same key."""
    desk = TokenDesk((it.key,), "https://home.example", it.clock, timedelta(minutes=10), "eu1")
    with pytest.raises(BadToken):
        desk.verify(it.seal())
    token = desk.issue(Kind.ACCOUNT, it.anna.id, it.anna.session_id)
    assert it.tickets.open(token, CAMERA, SESSION) is None
    claims = {"account_id": it.anna.id, "sign_in_id": "ses_eu1_anna", "camera": CAMERA}
    signed = jwt.encode(claims, it.key.private, "EdDSA")
    for forged in (signed, json.dumps(claims)):
        assert it.tickets.open(forged, CAMERA, SESSION) is None
