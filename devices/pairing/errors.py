"""What can go wrong with a pairing."""

from server.foundation.errors import Problem


class UnknownPairing(Problem):
    """For a pairing that isn't there, and for one that is somebody else's, alike."""

    code, status, title = "unknown_pairing", 404, "There is no such pairing"
    remedy = "Begin a new pairing in the app, and show its code to the camera."


class PairingExpired(Problem):
    """The token's time was over, or its owner has cancelled the account meanwhile."""

    code, status, title = "pairing_expired", 410, "This pairing's time is over"
    remedy = "Begin a new pairing in the app, and show its code to the camera."


class PairingUsed(Problem):
    """A token works once."""

    code, status, title = "pairing_used", 409, "This pairing's code was used already"
    remedy = "Begin a new pairing in the app; each code is good for one camera."
