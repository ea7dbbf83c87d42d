"""Credit documents one by one, for an office system: it sends them and fetches what came of them."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Annotated, Protocol

import msgspec
from anyio import to_thread
from starlette.exceptions import HTTPException
from starlette.responses import Response

from station.errors import DocumentChangedError, DocumentRefusedError, DocumentWrongError
from station.office.document import ExportedDocument, SentDocument
from station.web.endpoints import (
    DISPLAY,
    DOCUMENTS,
    JSON,
    Call,
    DescribedResponse,
    Endpoint,
    json_answer,
)

if TYPE_CHECKING:
    from collections.abc import Callable

BODY_BYTES = 1024 * 1024
"""Some ten thousand lines."""
STATUSES = {DocumentWrongError: 422, DocumentRefusedError: 409, DocumentChangedError: 412}

Tags = Annotated[str, msgspec.Meta(max_length=1000)]


class Office(Protocol):
    """What is done about documents; each method may be called from any thread."""

    def document(self, number: str) -> ExportedDocument | None:
        """A document as it is now; None: there is none of that number."""

    def put(
        self,
        number: str,
        sent: SentDocument,
        is_expected: Callable[[ExportedDocument | None], bool],
    ) -> tuple[ExportedDocument, bool]:
        """Create the document or bring it to what was sent; returns it, and whether it is new."""


class GetHeaders(msgspec.Struct, frozen=True, rename={"if_none_match": "If-None-Match"}):
    """What the asker has already."""

    if_none_match: Tags | None = None


class PutHeaders(
    msgspec.Struct, frozen=True, rename={"if_match": "If-Match", "if_none_match": "If-None-Match"}
):
    """How the sender knows the document."""

    if_match: Tags | None = None
    if_none_match: Annotated[str, msgspec.Meta(pattern=r"^\*$")] | None = None
    """``*``: only create it."""


class Documents:
    """Serves documents."""

    def __init__(self, office: Office, tell: Callable[[], None]) -> None:
        """`tell`: is called when a document may have changed."""
        self._office = office
        self._tell = tell

    def endpoints(self) -> list[Endpoint]:
        """What of this is asked over HTTP."""
        path, tagged = "/api/v1/documents/{number}", {"ETag": "Another one when anything of it is another."}
        shape = {JSON: ExportedDocument}
        return [
            Endpoint(
                "GET",
                path,
                self.document,
                {
                    200: DescribedResponse("The document.", shape, tagged),
                    304: DescribedResponse("It is as the asker has it."),
                },
                DISPLAY | DOCUMENTS,
                headers=GetHeaders,
                problems={404: "There is no such document."},
            ),
            Endpoint(
                "PUT",
                path,
                self.put_document,
                {
                    200: DescribedResponse("It was there; it is now as it was sent.", shape, tagged),
                    201: DescribedResponse("It is new.", shape, tagged),
                },
                DOCUMENTS,
                headers=PutHeaders,
                body=SentDocument,
                body_bytes=BODY_BYTES,
                problems={
                    409: "The document is final, or units are on a line that is left out.",
                    412: "It is not as If-Match or If-None-Match says.",
                    422: "The body is not of this shape, or names an item or a location that there isn't.",
                },
            ),
        ]

    async def document(self, call: Call[object, GetHeaders, None]) -> Response:
        """A credit document with its lines and the serial numbers on them.

        As `scanstation export` prints it.
        """
        number = call.path["number"]
        found = await to_thread.run_sync(self._office.document, number)
        if found is None:
            raise HTTPException(404, f'document "{number[:64]}" is unknown')
        tag = etag(found)
        if _names(call.headers.if_none_match, tag):
            return Response(status_code=304, headers={"ETag": tag})
        return json_answer(found, headers={"ETag": tag})

    async def put_document(self, call: Call[object, PutHeaders, SentDocument]) -> Response:
        """Send a credit document: it is created, or brought to what was sent.

        By the rules of `scanstation import`, but that lines left out are taken away. Sent again, it changes
        nothing. A document that is saved or cancelled stays as it is.
        """
        headers = call.headers

        def is_expected(found: ExportedDocument | None) -> bool:
            if headers.if_none_match is not None and found is not None:
                return False
            return headers.if_match is None or (
                found is not None and (headers.if_match == "*" or _names(headers.if_match, etag(found)))
            )

        try:
            stored, is_new = await to_thread.run_sync(
                self._office.put, call.path["number"], call.body, is_expected
            )
        except tuple(STATUSES) as error:
            raise HTTPException(STATUSES[type(error)], str(error)) from error
        self._tell()
        return json_answer(stored, 201 if is_new else 200, {"ETag": etag(stored)})


def etag(document: ExportedDocument) -> str:
    """A strong validator (RFC 9110, 8.8.3): equal only if all of the document is."""
    return f'"{sha256(msgspec.json.encode(document)).hexdigest()[:32]}"'


def _names(tags: str | None, tag: str) -> bool:
    return tags is not None and tag in (each.strip().removeprefix("W/") for each in tags.split(","))
