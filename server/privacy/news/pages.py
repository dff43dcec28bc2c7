"""The small pages behind the links in letters: no script, one button at most."""

from html import escape
from string import Template
from typing import Final

from fastapi.responses import HTMLResponse

from server.foundation.small_page import small_page

# No `action`: the form goes to the page's own address, so the link is written nowhere again.
BUTTON: Final = Template(
    '<form method="post" class="actions"><button class="first" type="submit">$text</button></form>'
)


def page(title: str, lead: str, button: str | None = None) -> HTMLResponse:
    """A page in words; with a button that posts to the page's own address."""
    action = BUTTON.substitute(text=escape(button)) if button else ""
    return HTMLResponse(
        small_page(title, escape(lead), action), headers={"Cache-Control": "no-store"}
    )
