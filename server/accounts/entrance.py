"""The door that all ways in lead to: a session opened or renewed, a cookie, a token."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Annotated, Self

from fastapi import Depends, Response

from server.accounts import cookies, sessions, taking_back
from server.accounts.parts import RequestAccounts
from server.accounts.schemas import PlaceOut, SessionOut
from server.accounts.sessions import OpenSession
from server.accounts.tables import Account
from server.accounts.visit import RequestVisit
from server.foundation.database import Db
from server.foundation.identity import Kind
from server.foundation.purposes import granted_by
from server.foundation.requests import RequestFoundation
from server.security.parts import RequestSecurity
from server.security.place_rules import Place, kept_of
from server.security.place_sources import place_for


@dataclass(frozen=True, slots=True)
class Entrance:
    """Lets people in, the same way for each of the ways in."""

    foundation: RequestFoundation
    security: RequestSecurity
    accounts: RequestAccounts
    visit: RequestVisit

    @property
    def lasts(self) -> timedelta:
        """How long a remembered sign-in holds without use."""
        return timedelta(seconds=self.foundation.settings.refresh_token_s)

    def told_of(self, place: Place | None) -> Self:
        """The same, where the phone says that it is at this place."""
        seen = replace(self.visit.seen, told=place)
        return replace(self, visit=replace(self.visit, seen=seen))

    async def open(
        self,
        db: Db,
        account: Account,
        response: Response,
        *,
        remember: bool,
        take_back: bool = False,
    ) -> SessionOut:
        """Open a session: the refresh token into the response's cookie, the rest as a body.

        Raises AccountCancelled and WrongCredentials, as `taking_back.admit` does.
        """
        await taking_back.admit(db, account, self.visit, take_back=take_back)
        opened = await sessions.open_session(
            db, account, self.visit, remember=remember, lasts=self.lasts
        )
        return await self.told(db, opened, response)

    async def told(self, db: Db, opened: OpenSession, response: Response) -> SessionOut:
        """What somebody who is in gets."""
        cookies.set_refresh_cookie(response, opened, self.foundation.settings)
        response.headers["Cache-Control"] = "no-store"
        account_id = opened.session.account_id
        tokens = self.security.tokens
        there = await place_for(db, account_id, self.visit.seen)
        place = kept_of(there, await granted_by(db, account_id))
        return SessionOut(
            access_token=tokens.issue(Kind.ACCOUNT, account_id, opened.session.id),
            expires_in=int(tokens.lifetime.total_seconds()),
            account_id=account_id,
            policy_accepted=await self.accounts.policy_accepted(db, account_id),
            place=PlaceOut(text=place.text),
        )


def _entrance(
    foundation: RequestFoundation,
    security: RequestSecurity,
    accounts: RequestAccounts,
    visit: RequestVisit,
) -> Entrance:
    return Entrance(foundation, security, accounts, visit)


RequestEntrance = Annotated[Entrance, Depends(_entrance)]
