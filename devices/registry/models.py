"""The models of cameras that we make. A row per model; nothing else in the code lists them."""

from typing import Final

MODELS: Final = {
    "SH-C1": "indoor camera",
    "SH-C2": "outdoor camera",
}
