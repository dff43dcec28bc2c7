"""What letters and their links refuse."""

from server.foundation.errors import Problem


class UnknownLetterLink(Problem):
    """A link that we didn't write, or one of somebody who has left or has chosen anew since."""

    code, status, title = "unknown_letter_link", 404, "This link leads nowhere any more"
    remedy = "Open the app's page Privacy: there each kind of letters has its switch."


class UnfitIssue(Exception):  # noqa: N818 - says what it is
    """The file of an issue can't be sent; the message says why and names no content of it."""
