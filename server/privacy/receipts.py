"""Signed statements that people take away and that anybody can check without us.

A statement is a compact JWS (RFC 7515) under the keys that we publish. Its `typ` names its kind,
so that none passes for another kind, nor for an access token (`server/security/tokens.py`).
"""

import json
from collections.abc import Mapping
from typing import Annotated, Any, Final

import jwt
from fastapi import Depends, Request

from server.security.signing_keys import SigningKey

ALGORITHM: Final = "EdDSA"
PREFIX: Final = "secuhome-"
SUFFIX: Final = "+jws"


def type_of(kind: str) -> str:
    """The `typ` of a kind of statements, such as `secuhome-consent-receipt+jws`."""
    return f"{PREFIX}{kind}{SUFFIX}"


def kind_of(typ: str) -> str | None:
    """The kind that a `typ` names; None where it is none of a statement."""
    kind = typ.removeprefix(PREFIX).removesuffix(SUFFIX)
    return kind if kind and typ == type_of(kind) else None


class Receipts:
    """Signs statements with the first of the keys. `app.state.receipts`."""

    def __init__(self, keys: tuple[SigningKey, ...]) -> None:
        self._key = keys[0]

    def sign(self, kind: str, members: Mapping[str, Any]) -> str:
        """The members, signed. `kind` is a word such as `consent-receipt`."""
        payload = json.dumps(members, separators=(",", ":"), ensure_ascii=False, sort_keys=True)
        header = {"typ": type_of(kind), "kid": self._key.id}
        return jwt.api_jws.encode(payload.encode(), self._key.private, ALGORITHM, header)


def _receipts(request: Request) -> Receipts:
    return request.app.state.receipts


RequestReceipts = Annotated[Receipts, Depends(_receipts)]
