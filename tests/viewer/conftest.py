"""The camera's clip and capture serve here too."""

from tests.agent.conftest import capture, clip

__all__ = ["capture", "clip"]
