"""Whether this machine's Python can carry the project. Run by make before anything is installed."""

import sys

NEEDED = (3, 11)

if sys.version_info < NEEDED:
    sys.exit(
        f"Python {NEEDED[0]}.{NEEDED[1]} or later is needed; this is {sys.version.split()[0]}. "
        "Name another one: make PYTHON=python3.12 …"
    )
try:
    import ensurepip  # noqa: F401 - only whether it is there
except ImportError:
    sys.exit(
        "This Python comes without ensurepip. On Debian: apt-get install "
        f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
    )
