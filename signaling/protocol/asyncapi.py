"""The protocol as an AsyncAPI 3.0 document, made from the types that the code itself reads.

    python -m signaling.protocol.asyncapi > docs/asyncapi.json

A test holds the file to the types; a method that is missing in METHODS is missing in the document.
"""

import json
import sys
from typing import Any, Final, NamedTuple

import msgspec

from signaling.protocol import messages
from signaling.protocol.close_codes import CLOSE_CODES
from signaling.protocol.faults import FAULTS
from signaling.protocol.messages import SUBPROTOCOL

Shape = type[msgspec.Struct]
FROM_PEER: Final = "toGateway"
FROM_US: Final = "fromGateway"


class Method(NamedTuple):
    """Who says it to whom, what it holds, and what a good answer holds (None: no answer)."""

    name: str
    ways: tuple[str, ...]
    params: Shape | None
    result: Shape | None = None
    told: str = ""  # sets apart two methods of one name


BOTH: Final = (FROM_PEER, FROM_US)
METHODS: Final = (
    Method("register", (FROM_PEER,), messages.RegisterParams, messages.RegisterResult),
    Method("unregister", (FROM_PEER,), None),
    Method("connect", (FROM_PEER,), messages.ConnectParams, messages.ConnectResult, "Viewer"),
    Method("connect", (FROM_US,), messages.CallParams, messages.CapabilitiesResult, "Camera"),
    Method("invite", BOTH, messages.InviteParams, messages.InviteResult),
    Method("trickle", BOTH, messages.TrickleParams),
    Method("extend", (FROM_PEER,), messages.ExtendParams, messages.ExtendResult, "Viewer"),
    Method("extend", (FROM_US,), messages.ExtendCallParams, messages.ExtendResult, "Camera"),
    Method("error", BOTH, messages.ErrorParams),
    Method("secuhome.close", (FROM_PEER,), messages.CloseParams),
    Method("secuhome.stage", (FROM_PEER,), messages.StageParams),
    Method("secuhome.held", (FROM_US,), messages.HeldParams),
    Method("secuhome.drain", (FROM_US,), messages.DrainParams),
)


def document() -> dict[str, Any]:
    """The whole document."""
    shapes = [shape for it in METHODS for shape in (it.params, it.result) if shape is not None]
    unique = list(dict.fromkeys(shapes))
    _, schemas = msgspec.json.schema_components(
        unique, ref_template="#/components/schemas/{name}", schema_hook=_anything
    )
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "SecuHome signaling",
            "version": "1.0.0",
            "description": "JSON-RPC 2.0 in WebSocket text frames; see signaling/PROTOCOL.md.",
        },
        "channels": {
            "signal": {
                "address": "/signal",
                "messages": {key_of(it): _ref("messages", key_of(it)) for it in METHODS},
                "bindings": {"ws": {"method": "GET", "bindingVersion": "0.1.0"}},
            }
        },
        "operations": _operations(),
        "components": {
            "messages": {key_of(it): _message(it) for it in METHODS},
            "schemas": schemas,
        },
        "x-subprotocol": SUBPROTOCOL,
        "x-faults": [fault._asdict() for fault in FAULTS],
        "x-close-codes": [close._asdict() | {"then": close.then.value} for close in CLOSE_CODES],
    }


def key_of(method: Method) -> str:
    """The method's key in the document."""
    return method.name.replace(".", "_") + method.told


def _operations() -> dict[str, Any]:
    found: dict[str, Any] = {}
    for way, action in ((FROM_PEER, "receive"), (FROM_US, "send")):
        told = [it for it in METHODS if way in it.ways]
        found[way] = {
            "action": action,
            "channel": {"$ref": "#/channels/signal"},
            "messages": [{"$ref": f"#/channels/signal/messages/{key_of(it)}"} for it in told],
        }
    return found


def _message(method: Method) -> dict[str, Any]:
    members: dict[str, Any] = {
        "jsonrpc": {"const": "2.0"},
        "method": {"const": method.name},
    }
    if method.params is not None:
        members["params"] = _ref("schemas", method.params.__name__)
    if method.result is not None:
        members["id"] = {"type": ["string", "integer"]}
    payload = {"type": "object", "required": ["jsonrpc", "method"], "properties": members}
    told: dict[str, Any] = {"name": method.name, "payload": payload}
    if method.result is not None:
        told["x-result"] = _ref("schemas", method.result.__name__)
    return told


def _ref(kind: str, name: str) -> dict[str, str]:
    return {"$ref": f"#/components/{kind}/{name}"}


def _anything(kind: type) -> dict[str, Any]:
    if kind is msgspec.Raw:
        return {}  # passed on as it came
    raise NotImplementedError(kind)


def text() -> str:
    """The document as it lies in the docs."""
    return json.dumps(document(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(text())
