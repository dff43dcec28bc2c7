"""The AsyncAPI document says what the code reads, and names every method of the page."""

import json
import re
from typing import Any

import pytest

from signaling.protocol.asyncapi import METHODS, document, text
from tests.house.sources import ROOT
from tests.house.test_pages import rows

pytestmark = pytest.mark.house


def test_the_document_in_the_docs_is_the_one_that_the_types_make():
    """`python -m signaling.protocol.asyncapi > docs/asyncapi.json` makes it anew."""
    assert (ROOT / "docs/asyncapi.json").read_text() == text()


def test_the_page_and_the_document_name_the_same_methods():
    told = {row[0] for row in rows((ROOT / "signaling/PROTOCOL.md").read_text(), "Methods")}
    assert told == {method.name for method in METHODS}


def test_every_reference_leads_somewhere():
    whole = document()
    for reference in re.findall(r'"\$ref": "#/([^"]+)"', json.dumps(whole)):
        at: Any = whole
        for step in reference.split("/"):
            at = at[step]
        assert at is not None
