"""What a file in the data folder says about people, told where its writer is declared.

Like columns (`labels.py`): a file is made known by `personal_file` or by `plain_file`, and the data
map is made of both. A test fails for a file that a running system leaves and nobody made known.
"""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import PurePath
from typing import Final

from server.foundation.labels import OnErasure, Personal, Why


@dataclass(frozen=True, slots=True)
class FileLabel:
    """The label of files whose path, from the data folder, fits `pattern` (as in `glob`).

    `label` is None for what says nothing about a person, and then `plain_because` says why.
    `about` is for whom the file is about; `counted` is the moment that the term follows, in words.
    """

    pattern: str
    about: str
    label: Personal | None
    counted: str = ""
    plain_because: str = ""


_FILES: Final[dict[str, FileLabel]] = {}


def personal_file(
    pattern: str,
    about: str,
    category: str,
    *,
    why: Why,
    keep: timedelta,
    counted: str,
    on_erasure: OnErasure,
    told_as: str,
) -> FileLabel:
    """Make files with personal data known. `told_as` says what of them is in the export."""
    label = Personal(category, why, keep, on_erasure, told_as=told_as)
    return _known(FileLabel(pattern, about, label, counted=counted))


def plain_file(pattern: str, because: str) -> FileLabel:
    """Make files known that say nothing about a person."""
    return _known(FileLabel(pattern, "", None, plain_because=because))


def labelled_files() -> tuple[FileLabel, ...]:
    """All that are known, in order of their patterns."""
    return tuple(label for _, label in sorted(_FILES.items()))


def label_of_file(path: PurePath) -> FileLabel | None:
    """The label of a file at this path from the data folder; None where nobody made it known."""
    return next((it for it in labelled_files() if path.match(it.pattern)), None)


def _known(label: FileLabel) -> FileLabel:
    _FILES[label.pattern] = label
    return label
