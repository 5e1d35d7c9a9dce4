"""Lines of the log without the text of an error: what the database says of a row, or a parser of its input, names people."""

import logging
import traceback
from types import TracebackType

FRAMES_KEPT = 12


class KindsOnly(logging.Formatter):
    """Writes an exception as its kinds and the places it came through."""

    def formatException(  # noqa: N802  # the name is logging's
        self,
        ei: tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None],
    ) -> str:
        kinds: list[str] = []
        error = ei[1]
        while error is not None and len(kinds) < FRAMES_KEPT:
            kinds.append(type(error).__name__)
            error = error.__cause__ or error.__context__
        frames = traceback.extract_tb(ei[2])[-FRAMES_KEPT:]
        return " < ".join(kinds) + "".join(
            f"\n  {f.filename.rpartition('/')[2]}:{f.lineno} {f.name}" for f in frames
        )
