"""The log: one JSON line per happening on standard error, with the request's id.

A line names what happened and opaque ids. The members that may stand in it are a closed list,
because a list of what must not stand in a log is never complete. A member that is not on the
list is dropped and its name told, so that the mistake is found and nothing leaks.
"""

import logging
import sys
from collections.abc import Generator, MutableMapping
from contextlib import contextmanager
from typing import Any, Final

import structlog

MEMBERS: Final = frozenset(
    {
        "event", "level", "timestamp", "request_id", "dropped",  # every line
        "method", "route", "status", "duration_ms", "code",  # requests
        "fault", "where",  # faults: the exception's type and the lines it passed
        "account_id", "camera_id", "staff_id", "endpoint_id", "session_id", "node", "count",
        "address", "setting", "remedy", "version", "age_days",  # of ourselves: listeners, files
        "process", "wait_s",  # of several gateways on one machine
    }
)  # fmt: skip

Event = MutableMapping[str, Any]


def only_listed_members(_logger: Any, _method: str, event: Event) -> Event:
    """A structlog processor that lets through MEMBERS only."""
    strangers = sorted(set(event) - MEMBERS)
    for name in strangers:
        del event[name]
    if strangers:
        event["dropped"] = strangers
    return event


def start_log(level: str) -> None:
    """Send our own lines and those of the libraries to standard error as JSON."""
    number = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            only_listed_members,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    # Libraries write what they like, addresses included; only their gravest lines are kept,
    # without arguments.
    logging.basicConfig(level=logging.ERROR, format="", handlers=[_Libraries()], force=True)


def log_fault(event: str, fault: BaseException) -> None:
    """Write a fault of ours: its type and the lines it passed, and no value of it."""
    told = {"fault": type(fault).__name__, "where": where_of(fault)}
    structlog.get_logger().error(event, **told)


@contextmanager
def faults_told(event: str) -> Generator[None]:
    """What goes wrong inside is written like that and goes no further.

    For work that must go on with the next piece, whatever this one has met.
    """
    try:
        yield
    except Exception as fault:  # noqa: BLE001 - one that nobody has thought of, above all
        log_fault(event, fault)


def where_of(fault: BaseException) -> list[str]:
    """The files, lines and functions that a fault passed, without values. Newest last."""
    passed: list[str] = []
    step = fault.__traceback__
    while step is not None:
        code = step.tb_frame.f_code
        passed.append(f"{code.co_filename.rsplit('/', 2)[-1]}:{step.tb_lineno} {code.co_name}")
        step = step.tb_next
    return passed[-8:]


class _Libraries(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        fault = record.exc_info[1] if record.exc_info else None
        structlog.get_logger().error(
            f"library:{record.name}",
            fault=type(fault).__name__ if fault else None,
            where=where_of(fault) if fault else [f"{record.module}:{record.lineno}"],
        )
