"""What exceptions refuse."""

from server.foundation.errors import Problem


class UnknownException(Problem):
    """An id that no exception has."""

    code, status, title = "unknown_exception", 404, "There is no such exception"
    remedy = "Use an id that `/v1/support/exceptions` lists."


class ExceptionOver(Problem):
    """It was approved already, was ended, or its end has come."""

    code, status, title = "exception_over", 409, "This exception is decided or over"
    remedy = "Look at `/v1/support/exceptions`; if it is needed again, ask for it anew."


class OwnException(Problem):
    """Who asks for an exception doesn't approve it, nor does whoever joined the staff later."""

    code, status, title = "own_exception", 403, "Somebody else has to approve this exception"
    remedy = (
        "Let another member of the staff look at the evidence and approve it,"
        " who was there before it was asked for."
    )
