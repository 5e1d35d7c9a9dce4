"""Pictures and chip files that a console sends: in memory, never in temporary files, where they would lie unsealed."""

import io
from collections.abc import Callable
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError

from borders.api.parsers import MAX_UPLOAD_BYTES

CONSOLE = "/booth/"


class InMemoryHandler(FileUploadHandler):
    """Keeps the files of one request in memory, together at most MAX_UPLOAD_BYTES."""

    received_bytes = 0

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.file = io.BytesIO()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.received_bytes += len(raw_data)
        if self.received_bytes > MAX_UPLOAD_BYTES:
            raise RequestDataTooBig("The files are larger than allowed.")
        self.file.write(raw_data)

    def file_complete(self, file_size: int) -> InMemoryUploadedFile:
        self.file.seek(0)
        return InMemoryUploadedFile(
            self.file, self.field_name, self.file_name, self.content_type, file_size, self.charset
        )

    def upload_interrupted(self) -> None:
        # Django drops the unfinished file in silence, and the inspection would go on as one without a face
        raise MultiPartParserError("The body ends within a file.")


class InMemoryUploadsMiddleware:
    """Stands before the check against forged requests, for that is the first to read the body."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith(CONSOLE) and request.content_type == "multipart/form-data":
            declared = request.META.get("CONTENT_LENGTH") or ""
            if declared.isdecimal() and int(declared) > MAX_UPLOAD_BYTES:
                return HttpResponse(
                    "The files are larger than allowed.", status=413, content_type="text/plain; charset=utf-8"
                )
            request.upload_handlers = [InMemoryHandler(request)]
        return self.get_response(request)
