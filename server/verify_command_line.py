"""`secuhome verify`: is this receipt, certificate or export ours, and as we gave it out?"""

import json
from pathlib import Path
from typing import Annotated, Final

import jwt
import typer

from server.foundation.settings import BadSettings, load_settings
from server.privacy.verifying import Statement, StatementRefused, read_export, read_statement
from server.security.signing_keys import load_signing_keys

REFUSED: Final = 1
MOST_BYTES: Final = 1 << 20  # of a receipt or a key set
ZIP: Final = b"PK"


def verify(
    file: Annotated[
        Path, typer.Argument(help="A receipt or certificate (JWS), or an export (ZIP).")
    ],
    keys: Annotated[
        Path | None,
        typer.Option(
            help="Our public keys, from /.well-known/jwks.json; by default this server's."
        ),
    ] = None,
) -> None:
    """See whether a receipt, certificate or export holds. Prints what it states."""
    try:
        told = _read(file, _keys(keys))
    except (OSError, StatementRefused) as fault:
        reason = "the file can't be read" if isinstance(fault, OSError) else str(fault)
        typer.echo(f"refused: {reason}", err=True)
        raise typer.Exit(REFUSED) from None
    typer.echo(json.dumps({"kind": told.kind, **told.members}, indent=2, ensure_ascii=False))


def _read(file: Path, keys: dict[str, jwt.PyJWK]) -> Statement:
    with file.open("rb") as opened:
        start = opened.read(MOST_BYTES)
    if start.startswith(ZIP):
        return read_export(file, keys)
    return read_statement(start.decode("ascii", "replace").strip(), keys)


def _keys(path: Path | None) -> dict[str, jwt.PyJWK]:
    if path is None:
        told = {"keys": [it.jwk() for it in load_signing_keys(load_settings())]}
    else:
        try:
            told = json.loads(path.read_bytes()[:MOST_BYTES])
        except (OSError, ValueError):
            raise BadSettings("--keys: no key set; save /.well-known/jwks.json there") from None
    try:
        return {str(it.key_id): it for it in jwt.PyJWKSet.from_dict(told).keys}
    except (jwt.PyJWKSetError, jwt.PyJWKError, AttributeError, TypeError):
        raise BadSettings("--keys: no key set; save /.well-known/jwks.json there") from None
