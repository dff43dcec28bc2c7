"""What we make: the models, a row each, and how serials are written. Nothing else lists them."""

import re
from typing import Final

MODELS: Final = {
    "SH-C1": "indoor camera",
    "SH-C2": "outdoor camera",
}
SERIAL: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{2,63}")


def is_serial(text: str) -> bool:
    """Whether a camera of ours could have this serial. What is none is not even looked up."""
    return SERIAL.fullmatch(text) is not None
