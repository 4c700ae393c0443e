"""Where log lines go and how they look: words, or one JSON object a line."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import Any

import orjson

TOLD = "told"
"""The attribute of a log record that holds what it says as JSON, besides its words."""


def configuration(kind: str) -> dict[str, Any]:
    """Return what `logging.config.dictConfig` takes, for a kind of `web.settings.LOGS`.

    All lines go to standard error. The server's own lines look as ours do.
    """
    chatty = "WARNING" if kind == "quiet" else "INFO"
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "words": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"},
            "json": {"()": JsonLines},
        },
        "handlers": {
            "stderr": {
                "class": "logging.StreamHandler",
                "formatter": "json" if kind == "json" else "words",
            }
        },
        "loggers": {
            "_granian": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
            "web": {"level": chatty},
        },
        "root": {"handlers": ["stderr"], "level": "WARNING"},
    }


class JsonLines(logging.Formatter):
    """A record as one line of JSON: at, level, logger, worker, and what it tells or its words."""

    def format(self, record: logging.LogRecord) -> str:
        """Write the record; what was raised is named, its words are left out."""
        told = getattr(record, TOLD, None) or {"message": record.getMessage()}
        if record.exc_info and record.exc_info[0]:
            told = {**told, "raised": record.exc_info[0].__name__}
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "worker": record.process,
            **told,
        }
        return orjson.dumps(line, default=str).decode()
