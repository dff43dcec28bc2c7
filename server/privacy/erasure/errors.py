"""What erasing refuses."""

from server.foundation.errors import Problem


class UnknownErasure(Problem):
    """No erasure has this id; or it was taken back, or its certificate's time is over."""

    code, status, title = "unknown_erasure", 404, "There is no such erasure"
    remedy = "Use the address from the letter or the answer that told of it, whole."
