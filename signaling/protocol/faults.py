"""The numbers that say no, shared by the code, the tests and PROTOCOL.md.

JSON-RPC's own keep their meaning; 4xx are ONVIF's, after HTTP and SIP; 1001 to 1003 travel in
`error` alone.
"""

from typing import Final, NamedTuple


class Fault(NamedTuple):
    """A number, its name, and what it tells the peer that hears it."""

    code: int
    name: str
    message: str


PARSE = Fault(-32700, "parse", "This frame is not JSON")
REQUEST = Fault(-32600, "request", "This is not a JSON-RPC 2.0 message")
METHOD = Fault(-32601, "method", "There is no such method")
PARAMS = Fault(-32602, "params", "The parameters don't fit the method")
BAD_SESSION = Fault(400, "bad_session", "The session or its description is not valid")
UNAUTHORISED = Fault(401, "unauthorised", "Register first, with a token that holds")
FORBIDDEN = Fault(403, "forbidden", "You may not call this peer")
CANNOT_HIDE = Fault(403, "cannot_hide", "This camera can't hide its address, as this call must")
NO_RELAY = Fault(403, "no_relay", "There is no relay, and this call may go by no other way")
REVOKED = Fault(403, "revoked", "The right to this call has ended")
NOT_REGISTERED = Fault(404, "not_registered", "You are not registered")
NO_REACTION = Fault(408, "no_reaction", "The peer did not react in time")
GONE = Fault(410, "gone", "The peer is gone")
NOT_RESUMED = Fault(410, "not_resumed", "There is nothing to come back to; register anew")
NODE_LOST = Fault(410, "node_lost", "The gateway that held this call is gone; call again")
UNAVAILABLE = Fault(480, "unavailable", "The camera can't be reached at the moment")
NO_RESOURCES = Fault(1001, "no_resources", "There are too many calls; end one first")
DISCONNECTED = Fault(1002, "disconnected", "The peer lost its connection")
BAD_CANDIDATE = Fault(1003, "bad_candidate", "The candidate can't be read")

FAULTS: Final = (
    PARSE, REQUEST, METHOD, PARAMS, BAD_SESSION, UNAUTHORISED, FORBIDDEN, CANNOT_HIDE, NO_RELAY,
    REVOKED, NOT_REGISTERED, NO_REACTION, GONE, NOT_RESUMED, NODE_LOST, UNAVAILABLE, NO_RESOURCES,
    DISCONNECTED, BAD_CANDIDATE,
)  # fmt: skip
