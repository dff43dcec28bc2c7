"""The letters about cases. Plain text; a link is there to save typing and proves nothing alone."""

from datetime import date

from server.foundation.mail import Letter
from server.privacy.cases.case_rules import Answer


def proof_letter(to: str, code: str, link: str, hours: int) -> Letter:
    """The letter with the link and the code that prove the address concerned."""
    return Letter(
        to,
        "Your SecuHome code for a privacy request",
        "Hello,\n\nsomebody has asked us, with this e-mail address, about personal data. If it was "
        f"you, open this page\n\n    {link}\n\nand type this code:\n\n    {code}\n\nIt is good for "
        f"{hours} hours. We never ask for it by phone or mail.\n\nIf it wasn't you, do nothing: "
        "without the code nobody gets, changes or deletes anything, and nobody has learned whether "
        "we know you.\n",
    )


def receipt_letter(to: str, number: str, due_on: date, link: str) -> Letter:
    """The letter that says that a case is there, and by when it is answered."""
    return Letter(
        to,
        f"We have received your request {number}",
        f"Hello,\n\nyour request has the number\n\n    {number}\n\nThis letter is written by a "
        f"machine and is no answer. A person answers you by {due_on:%-d %B %Y} at the latest.\n\n"
        f"You can read how far it is, and the answer, here:\n\n    {link}\n\nKeep this link to "
        "yourself: whoever has it can read the same.\n",
    )


def answer_letter(to: str, number: str, answer: Answer) -> Letter:
    """The answer itself; a refusal with its reason and what can be done against it."""
    parts = [f"Hello,\n\nthis is our answer to your request {number}.", answer.reply]
    if answer.cause:
        parts.append(f"The cause: {answer.cause}")
    if answer.resolution:
        parts.append(f"What we did: {answer.resolution}")
    if answer.reason:
        parts.append(f"Why we don't do all that you asked for: {answer.reason}")
    if told := answer.remedies:
        parts.append(
            "If you are not content with this:\n\n"
            f"- {told.review}\n- {told.authority}\n- {told.court}"
        )
    return Letter(to, f"Our answer to your request {number}", "\n\n".join(parts) + "\n")
