"""UN/EDIFACT bodies (RFC 1767), taken whole and unread: borders.core.edifact reads them."""

from typing import IO, Any

from rest_framework.parsers import BaseParser

from audit.api.parsers import declared_length, read_bounded
from audit.api.problems import Problem
from borders.core.edifact import OCTETS_MOST


class EdifactParser(BaseParser):
    """`application/edifact`, as octets."""

    media_type = "application/edifact"

    def parse(self, stream: IO[bytes], media_type: str | None = None, parser_context: Any = None) -> bytes:
        content = read_bounded(stream, declared=declared_length(parser_context), limit=OCTETS_MOST)
        if len(content) > OCTETS_MOST:
            raise Problem("body_too_large", 413, "The body is larger than allowed.", limit_bytes=OCTETS_MOST)
        return content
