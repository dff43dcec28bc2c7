"""A page for whoever came by a link: the frame and the style of the app, and no script."""

from html import escape
from string import Template
from typing import Final

FRAME: Final = Template("""\
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
        $rest
      </article>
    </main>
  </body>
</html>
""")


def small_page(title: str, lead: str, rest: str = "") -> str:
    """The page in HTML. The title is text; `lead` and `rest` are HTML, escaped by who made them."""
    return FRAME.substitute(title=escape(title), lead=lead, rest=rest)
