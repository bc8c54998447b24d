"""Logs as JSON lines on standard error: events with their ids, never a payload or a secret."""

from __future__ import annotations

import logging
import sys
import traceback

import structlog
from structlog.typing import EventDict, WrappedLogger
from typing_extensions import override


def configure(level: int = logging.INFO) -> None:
    """For the processes that serve; commands speak to people instead."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            place_of_failure,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=logging.WARNING, handlers=[_Library()], force=True)


def place_of_failure(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """An exception as its type and the lines it came through: its words may quote a payload."""
    given = event.pop("exc_info", None)
    if given is True:
        given = sys.exc_info()
    problem = given[1] if isinstance(given, tuple) else given
    if isinstance(problem, BaseException):
        event["error"] = type(problem).__name__
        event["exception"] = "".join(traceback.format_tb(problem.__traceback__))
    return event


class _Library(logging.Handler):
    """What libraries log, as lines of ours: the sentence without what was filled in."""

    @override
    def emit(self, record: logging.LogRecord) -> None:
        structlog.get_logger().log(
            record.levelno, "library", logger=record.name, says=record.msg, exc_info=record.exc_info
        )
