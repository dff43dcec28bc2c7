"""Our QR encoder against a reader that knows nothing of it."""

import random
from io import BytesIO

import pytest
import zxingcpp
from PIL import Image
from playwright.async_api import Page

pytestmark = pytest.mark.browser

# The most bytes for versions 1 to 20 at level M (ISO/IEC 18004 table 7): one more needs the next.
MOST = (
    14,
    26,
    42,
    62,
    84,
    106,
    122,
    152,
    180,
    213,
    251,
    287,
    331,
    362,
    412,
    450,
    504,
    560,
    624,
    666,
)

DRAW = """async (text) => {
    const { qrPicture } = await import("/app/qr/picture.js");
    const picture = qrPicture(text, "code");
    picture.style.width = picture.style.height = `${4 * picture.viewBox.baseVal.width}px`;
    document.body.replaceChildren(picture);
    return Number(picture.dataset.version);
}"""
LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_|:/."
EXCHANGE = "éßñ✓世界🏠"  # two, three and four bytes each


def texts() -> list[str]:
    """Each version when it is just full, with one byte more, and many sizes in between."""
    dice = random.Random(18004)
    sizes = sorted({size + more for size in MOST for more in (0, 1)} - {MOST[-1] + 1})
    sizes += [dice.randrange(1, MOST[-1]) for _ in range(30)]
    plain = ["".join(dice.choices(LETTERS, k=size)) for size in sizes]
    return [*plain, *(EXCHANGE * n for n in (1, 3, 9)), "0" * 300, "\x7f" * 40]


async def test_a_reader_reads_what_the_page_draws(lone_page: Page):
    for text in texts():
        version = await lone_page.evaluate(DRAW, text)
        shot = await lone_page.locator("svg.qr").screenshot()
        read = zxingcpp.read_barcodes(Image.open(BytesIO(shot)))
        assert [one.text for one in read] == [text]
        assert read[0].ec_level == "M"
        assert version == next(n for n, most in enumerate(MOST, 1) if len(text.encode()) <= most)


async def test_a_text_that_is_too_long_is_refused(lone_page: Page):
    """A code with the end cut off would send a camera to a server that doesn't exist."""
    fault = await lone_page.evaluate(
        f"""async (text) => {{
            try {{ await ({DRAW})(text); return "drawn"; }} catch (fault) {{ return fault.name; }}
        }}""",
        "x" * (MOST[-1] + 1),
    )
    assert fault == "RangeError"
