"""The small pages behind the links in letters: no script, one button at most."""

from html import escape
from string import Template
from typing import Final

from fastapi.responses import HTMLResponse

PAGE: Final = Template("""\
<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>$title · SecuHome</title>
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <link rel="icon" href="/app/icon.svg" type="image/svg+xml">
    <link rel="stylesheet" href="/app/css/base.css">
    <link rel="stylesheet" href="/app/css/parts.css">
    <link rel="stylesheet" href="/app/css/controls.css">
    <link rel="stylesheet" href="/app/css/problem.css">
  </head>
  <body>
    <header class="top"><a class="brand" href="/app/">
      <img src="/app/icon.svg" alt="" width="28" height="28">SecuHome</a></header>
    <main>
      <article class="problem card">
        <h1>$title</h1>
        <p class="lead">$lead</p>
        $action
      </article>
    </main>
  </body>
</html>
""")
# No `action`: the form goes to the page's own address, so the link is written nowhere again.
BUTTON: Final = Template(
    '<form method="post" class="actions"><button class="first" type="submit">$text</button></form>'
)


def page(title: str, lead: str, button: str | None = None) -> HTMLResponse:
    """A page in words; with a button that posts to the page's own address."""
    action = BUTTON.substitute(text=escape(button)) if button else ""
    content = PAGE.substitute(title=escape(title), lead=escape(lead), action=action)
    return HTMLResponse(content, headers={"Cache-Control": "no-store"})
