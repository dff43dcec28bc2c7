"""What cases refuse. None of these tells whether somebody has an account."""

from server.foundation.errors import Problem


class UnknownRequest(Problem):
    """For a number that nobody has, and for a token that isn't of this number."""

    code, status, title = "unknown_request", 404, "There is no such request"
    remedy = "Compare the number with our letter, and use the link or the token that came with it."


class RequestProofOver(Problem):
    """For a proof that was given, ran out of time or tries, or never was asked for."""

    code, status, title = "request_proof_over", 410, "This request can't be proven any more"
    remedy = "Make the request again; you will get a new code."


class RequestClosed(Problem):
    """Somebody has answered, or is doing so at this moment."""

    code, status, title = "request_closed", 409, "This request is answered already"
    remedy = "Read the answer; what is still to be said belongs to a new request."


class RequestNotOpened(Problem):
    """Of the staff, only who has opened a case lately and given a reason acts on it."""

    code, status, title = "request_not_opened", 403, "You have not opened this request"
    remedy = "Open it with a reason at `/v1/support/requests/{number}/openings`, then go on."


class IdentityNotProven(Problem):
    """What is held of a person is given, changed or erased for that person only."""

    code, status, title = "identity_not_proven", 409, "Nobody has proven to be this person"
    remedy = "Ask for the code that we mailed to the address concerned, or refuse with reasons."
