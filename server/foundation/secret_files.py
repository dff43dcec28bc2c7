"""Files with secrets: written whole or not at all, and nobody else's to read."""

import os
from pathlib import Path


def create(path: Path, content: bytes) -> None:
    """Write a new file. One that is there already stays, and that is no error. Raises OSError.

    Of several processes that start at once, one writes the file and the others find it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = _draft(path, content)
    try:
        os.link(draft, path)  # unlike a rename, this never replaces a key that is already in use
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    settle(path.parent)


def replace(path: Path, content: bytes) -> None:
    """Put new content in a file's place; who reads it meanwhile reads old or new. Raises OSError.

    Owner, group and mode stay, as far as we may set them.
    """
    before = path.stat()
    draft = _draft(path, content)
    if (before.st_uid, before.st_gid) != (os.geteuid(), os.getegid()):
        os.chown(draft, before.st_uid, before.st_gid)
    draft.chmod(before.st_mode & 0o777)
    draft.replace(path)
    settle(path.parent)


def _draft(path: Path, content: bytes) -> Path:
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())  # what is sealed under a key must not outlive it by a power cut
    return draft


def settle(folder: Path) -> None:
    """See that the names in a folder are on the disk, as the files are. Raises OSError."""
    number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
