"""An inspection as it is uploaded: one JSON part, at most two images, a chip; in memory, never in temporary files."""

import io
from typing import IO, Any

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http.multipartparser import MultiPartParser, MultiPartParserError
from rest_framework.parsers import BaseParser

from audit.api.parsers import declared_length, parse_json
from audit.api.problems import Problem
from borders.core.chip_requests import CHIP_PARTS, SEAL_PART

MAX_UPLOAD_BYTES = 25 * 1024 * 1024
JSON_PART = "inspection"
IMAGE_PARTS = ("page_image", "face_image")
FILE_PARTS = (*IMAGE_PARTS, SEAL_PART, *CHIP_PARTS)


class _InMemoryHandler(FileUploadHandler):
    """Keeps each file in memory: faces and document pages are not left in a temporary folder."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        if self.field_name not in FILE_PARTS:
            raise unknown_part(self.field_name)
        self.file = io.BytesIO()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.file.write(raw_data)

    def file_complete(self, file_size: int) -> InMemoryUploadedFile:
        return InMemoryUploadedFile(self.file, self.field_name, self.file_name, "", file_size, None)

    def upload_interrupted(self) -> None:
        # Django drops the unfinished file in silence, and the inspection would go on as one without a face
        raise Problem("multipart_malformed", 400, "The body ends within a file.")


class _Parts(MultiPartParser):
    def sanitize_file_name(self, file_name: str) -> str:
        """Take every name for the same: names of files are not used, and none makes a part disappear."""
        return "upload"


def unknown_part(name: str) -> Problem:
    shown = name if name.isidentifier() and name.isascii() and len(name) <= 40 else "?"
    return Problem("unknown_field", 400, "This part is not known here.", field=shown)


class InspectionUploadParser(BaseParser):
    """`multipart/form-data` -> {"inspection": JSON value, "page_image": bytes, "face_image": bytes,
    "ef_sod": bytes, …}, absent parts left out.

    Raises Problem: body_too_large (413), those of parse_json, and 400 with multipart_malformed, unknown_field,
    repeated_part, not_a_file.
    """

    media_type = "multipart/form-data"

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Any = None
    ) -> dict[str, Any]:
        if declared_length(parser_context) > MAX_UPLOAD_BYTES:
            raise too_large()
        meta = parser_context["request"].META | {"CONTENT_TYPE": media_type}
        try:
            fields, files = _Parts(meta, stream, [_InMemoryHandler()], "utf-8").parse()
        except (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent):
            raise too_large() from None
        except (MultiPartParserError, ValueError, LookupError):
            raise Problem("multipart_malformed", 400, "The body is not multipart/form-data.") from None
        return _read_fields(fields) | {
            name: _only(name, files.getlist(name)).file.getvalue() for name in files
        }


def _read_fields(fields: Any) -> dict[str, Any]:
    for name in fields:
        if name in FILE_PARTS:
            raise Problem("not_a_file", 400, "This part must be a file, with a file name.", field=name)
        if name != JSON_PART:
            raise unknown_part(name)
    if JSON_PART not in fields:
        return {}
    return {JSON_PART: parse_json(_only(JSON_PART, fields.getlist(JSON_PART)).encode())}


def _only(name: str, values: list[Any]) -> Any:
    if len(values) != 1:
        raise Problem("repeated_part", 400, "This part may be given once.", field=name)
    return values[0]


def too_large() -> Problem:
    return Problem("body_too_large", 413, "The body is larger than allowed.", limit_bytes=MAX_UPLOAD_BYTES)
