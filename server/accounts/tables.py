"""What is stored about people. Secrets are stored as hashes, and tokens as nothing else."""

from datetime import datetime
from typing import Any, ClassVar

from sqlmodel import SQLModel

from server.accounts.area_rules import CODES
from server.foundation.columns import UtcMoment
from server.foundation.correction_rules import Correction, birthday, choice, line, web_address
from server.foundation.labels import (
    ACCOUNT_LIFE,
    AfterAccountEnds,
    OnErasure,
    Why,
    days,
    link,
    personal,
    plain,
)
from server.foundation.origins import Collected
from server.foundation.table_labels import NoAccount, rows

REGISTRATION_KEPT = days(0)  # half an hour after it was asked for it runs out, and is over
# From an account's end on count the terms of what must be proven of it, three years at most now.
END_KEPT = AfterAccountEnds(days(3 * 366))
SESSION_KEPT = days(1)  # after it ran out: a copy of its token may still turn up
HASH_KEPT = "A password is kept, as a hash from which it can't be read."
GENDERS = ("woman", "man", "non-binary", "another")


def _told(category: str, correctable: Correction) -> Any:
    """What people may tell about themselves, and nobody asks for: for their own eyes alone."""
    return personal(
        category,
        why=Why.PROFILE,
        keep=ACCOUNT_LIFE,
        on_erasure=OnErasure.DELETE,
        sealed_for="id",
        default=None,
        correctable=correctable,
    )


class Account(SQLModel, table=True):
    """Your account: who you are, and how you sign in.

    One who came by a provider has no e-mail address and no password.
    Of an account that was erased the empty row stays, for as long as something kept points at it.
    """

    __tablename__: ClassVar[Any] = "account"

    id: str = plain(primary_key=True, max_length=64)  # acc_…
    name: Collected | None = personal(
        "name",
        why=Why.ACCOUNT,
        keep=ACCOUNT_LIFE,
        on_erasure=OnErasure.DELETE,
        sealed_for="id",
        correctable=line("Your name"),
    )
    # Lower case; only ever an address whose holder proved it by a mailed code.
    email: Collected | None = personal(
        "e-mail address",
        why=Why.ACCOUNT,
        keep=ACCOUNT_LIFE,
        on_erasure=OnErasure.DELETE,
        sealed_for="id",
        collected=True,
    )
    email_index: bytes | None = personal(
        "e-mail address, as a keyed hash",
        why=Why.ACCOUNT,
        keep=ACCOUNT_LIFE,
        on_erasure=OnErasure.DELETE,
        index_of=("email",),
        unique=True,
    )
    email_verified: bool = plain(default=False)
    password_hash: Collected | None = personal(
        "password, hashed",
        why=Why.ACCOUNT,
        keep=ACCOUNT_LIFE,
        on_erasure=OnErasure.DELETE,
        sealed_for="id",
        told_as=HASH_KEPT,
        collected=True,
    )
    area: Collected | None = personal(
        "country, as told at registration",
        why=Why.ACCOUNT,
        keep=ACCOUNT_LIFE,
        on_erasure=OnErasure.DELETE,
        sealed_for="id",
        correctable=choice("Your country", tuple(CODES.split()), required=True),
    )
    avatar_url: Collected | None = personal(
        "picture's address",
        why=Why.ACCOUNT,
        keep=ACCOUNT_LIFE,
        on_erasure=OnErasure.DELETE,
        sealed_for="id",
        correctable=web_address("Address of your picture"),
    )
    birthday: Collected | None = _told("birthday", birthday("Your birthday"))  # ISO 8601
    gender: Collected | None = _told("gender", choice("Your gender", GENDERS))
    hobbies: Collected | None = _told("hobbies", line("Your hobbies", most=200))
    created_at: datetime | None = personal(
        "account use",
        why=Why.ACCOUNT,
        keep=ACCOUNT_LIFE,
        on_erasure=OnErasure.DELETE,
        sa_type=UtcMoment,
    )  # None: erased
    last_used_at: datetime | None = personal(
        "account use",
        why=Why.ACCOUNT,
        keep=ACCOUNT_LIFE,
        on_erasure=OnErasure.DELETE,
        default=None,
        sa_type=UtcMoment,
    )  # to the day: by its owner or a camera; one that lies idle for long is erased
    idle_warned_at: datetime | None = personal(
        "account use",
        why=Why.ACCOUNT,
        keep=ACCOUNT_LIFE,
        on_erasure=OnErasure.DELETE,
        default=None,
        sa_type=UtcMoment,
    )
    ends_at: datetime | None = personal(
        "account use",
        why=Why.ACCOUNT,
        keep=ACCOUNT_LIFE,
        on_erasure=OnErasure.DELETE,
        default=None,
        sa_type=UtcMoment,
    )  # cancelled by its owner, who may take it back until then
    ended_at: datetime | None = personal(
        "account use",
        why=Why.EVIDENCE,
        keep=END_KEPT,
        on_erasure=OnErasure.KEEP,
        default=None,
        sa_type=UtcMoment,
    )  # from then on nobody takes it back


class Registration(SQLModel, table=True):
    """An account that somebody asked for and nobody confirmed. Gone once it is confirmed."""

    __tablename__: ClassVar[Any] = "registration"
    __table_args__ = rows(
        whose=NoAccount("whoever asked for an account and has none yet; the row is the person"),
        counted_from=("expires_at", "it runs out"),
    )

    id: str = plain(primary_key=True, max_length=64)  # reg_…
    email: Collected = personal(
        "e-mail address",
        why=Why.ACCOUNT,
        keep=REGISTRATION_KEPT,
        on_erasure=OnErasure.DELETE,
        sealed_for="id",
        collected=True,
    )
    name: Collected | None = personal(
        "name",
        why=Why.ACCOUNT,
        keep=REGISTRATION_KEPT,
        on_erasure=OnErasure.DELETE,
        sealed_for="id",
        collected=True,
    )
    password_hash: Collected = personal(
        "password, hashed",
        why=Why.ACCOUNT,
        keep=REGISTRATION_KEPT,
        on_erasure=OnErasure.DELETE,
        sealed_for="id",
        told_as=HASH_KEPT,
        collected=True,
    )
    area: Collected = personal(
        "country, as told at registration",
        why=Why.ACCOUNT,
        keep=REGISTRATION_KEPT,
        on_erasure=OnErasure.DELETE,
        sealed_for="id",
        collected=True,
    )
    code_hash: str = plain()  # argon2id: a million codes at 50 ms each outlast the registration
    tries_left: int = plain()
    expires_at: datetime = plain(sa_type=UtcMoment)


class EmailChange(SQLModel, table=True):
    """A new e-mail address that you asked for and haven't proven yet. One at most."""

    __tablename__: ClassVar[Any] = "email_change"
    __table_args__ = rows(counted_from=("expires_at", "it runs out"))

    id: str = plain(primary_key=True, max_length=64)  # emc_…
    account_id: str = link("account.id", on_erasure=OnErasure.DELETE, unique=True, max_length=64)
    email: Collected = personal(
        "e-mail address",
        why=Why.ACCOUNT,
        keep=REGISTRATION_KEPT,
        on_erasure=OnErasure.DELETE,
        sealed_for="account_id",
        collected=True,
    )
    code_hash: str = plain()  # as a registration's
    tries_left: int = plain()
    expires_at: datetime = plain(sa_type=UtcMoment)


class Session(SQLModel, table=True):
    """One sign-in of yours on one device, for as long as it is used.

    It is the family of its refresh tokens.
    """

    __tablename__: ClassVar[Any] = "session"
    __table_args__ = rows(counted_from=("expires_at", "it runs out"))

    id: str = plain(primary_key=True, max_length=64)  # ses_…
    account_id: str = link("account.id", on_erasure=OnErasure.DELETE, index=True)
    device: str = personal(
        "device family",
        why=Why.SECURITY,
        keep=SESSION_KEPT,
        on_erasure=OnErasure.DELETE,
        sealed_for="account_id",
    )
    remember: bool = plain()
    created_at: datetime = personal(
        "account use",
        why=Why.SECURITY,
        keep=SESSION_KEPT,
        on_erasure=OnErasure.DELETE,
        sa_type=UtcMoment,
    )
    last_used_at: datetime = personal(
        "account use",
        why=Why.SECURITY,
        keep=SESSION_KEPT,
        on_erasure=OnErasure.DELETE,
        sa_type=UtcMoment,
    )
    expires_at: datetime = plain(sa_type=UtcMoment)  # moves on with each refresh
    ended_at: datetime | None = personal(
        "account use",
        why=Why.SECURITY,
        keep=SESSION_KEPT,
        on_erasure=OnErasure.DELETE,
        default=None,
        sa_type=UtcMoment,
    )


class RefreshToken(SQLModel, table=True):
    """One refresh token of a sign-in. Used ones stay, so that a second use is noticed."""

    __tablename__: ClassVar[Any] = "refresh_token"

    hash: str = plain(primary_key=True, max_length=64)  # SHA-256 of 256 random bits
    session_id: str = link("session.id", on_erasure=OnErasure.DELETE, index=True)
    used_at: datetime | None = plain(default=None, sa_type=UtcMoment)


class ProviderIdentity(SQLModel, table=True):
    """Who you are at a provider that you sign in with.

    Keyed on issuer and subject, never on an e-mail address.
    """

    __tablename__: ClassVar[Any] = "provider_identity"

    identity_index: bytes = personal(
        "key at the sign-in provider, as a keyed hash",
        why=Why.ACCOUNT,
        keep=ACCOUNT_LIFE,
        on_erasure=OnErasure.DELETE,
        index_of=("issuer", "subject"),
        primary_key=True,
    )
    issuer: str = personal(
        "sign-in provider",
        why=Why.ACCOUNT,
        keep=ACCOUNT_LIFE,
        on_erasure=OnErasure.DELETE,
        sealed_for="account_id",
    )
    subject: str = personal(
        "key at the sign-in provider",
        why=Why.ACCOUNT,
        keep=ACCOUNT_LIFE,
        on_erasure=OnErasure.DELETE,
        sealed_for="account_id",
    )
    account_id: str = link("account.id", on_erasure=OnErasure.DELETE, index=True)


class ProviderSignIn(SQLModel, table=True):
    """A sign-in that went to a provider and isn't back yet. About nobody so far.

    Nonce and PKCE verifier are derived from what only the browser holds: they aren't here.
    """

    __tablename__: ClassVar[Any] = "provider_sign_in"
    __table_args__ = rows(counted_from=("expires_at", "it runs out"), keep=days(0))

    state_hash: str = plain(primary_key=True, max_length=64)
    provider: str = plain(max_length=32)
    browser_hash: str = plain(max_length=64)
    take_back: bool = plain(default=False)  # an account that its owner has cancelled
    expires_at: datetime = plain(sa_type=UtcMoment)
    used_at: datetime | None = plain(default=None, sa_type=UtcMoment)
