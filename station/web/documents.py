"""Single credit documents, which an office system sends and fetches, and single units, which it changes."""

from __future__ import annotations

from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING, Annotated, Literal, Protocol

import msgspec
from anyio import to_thread
from starlette.exceptions import HTTPException
from starlette.responses import Response

from station.errors import (
    DocumentChangedError,
    DocumentRefusedError,
    DocumentWrongError,
    UnitRefusedError,
    UnitWrongError,
)
from station.office.document import ChangedUnit, ExportedDocument, SentDocument, ShownUnit
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
"""Enough for about ten thousand lines."""
STATUSES = {
    DocumentWrongError: 422,
    DocumentRefusedError: 409,
    DocumentChangedError: 412,
    UnitWrongError: 422,
    UnitRefusedError: 409,
}

Tags = Annotated[str, msgspec.Meta(max_length=1000)]


class Office(Protocol):
    """Stores and returns documents; each method may be called from any thread."""

    def document(self, number: str) -> ExportedDocument | None:
        """The document with this number as it is now, if there is one."""

    def put(
        self,
        number: str,
        sent: SentDocument,
        is_expected: Callable[[ExportedDocument | None], bool],
        *,
        release: bool,
    ) -> tuple[ExportedDocument, bool]:
        """Create the document, or update it to what was sent; returns it, and whether it is new."""

    def change_unit(self, serial_number: str, change: ChangedUnit) -> ShownUnit:
        """Move a unit, or take it out of use or back into use; returns it."""


class PutQuery(msgspec.Struct, frozen=True):
    """What a change may do to the units on the document."""

    release: Literal["true", "false"] = "false"
    """``true``: a change of customer, kind or location takes the units off the document first."""


class GetHeaders(msgspec.Struct, frozen=True, rename={"if_none_match": "If-None-Match"}):
    """The versions that the client has already."""

    if_none_match: Tags | None = None


class PutHeaders(
    msgspec.Struct, frozen=True, rename={"if_match": "If-Match", "if_none_match": "If-None-Match"}
):
    """The version that the client expects."""

    if_match: Tags | None = None
    if_none_match: Annotated[str, msgspec.Meta(pattern=r"^\*$")] | None = None
    """``*``: only create the document."""


class Documents:
    """Serves documents."""

    def __init__(self, office: Office, notify: Callable[[], None]) -> None:
        """`notify` is called when a document may have changed."""
        self._office = office
        self._notify = notify

    def endpoints(self) -> list[Endpoint]:
        """Its endpoints."""
        path, tagged = "/api/v1/documents/{number}", {"ETag": "Changes whenever the document changes."}
        shape = {JSON: ExportedDocument}
        return [
            Endpoint(
                "GET",
                path,
                self.document,
                {
                    200: DescribedResponse("The document.", shape, tagged),
                    304: DescribedResponse("The client has the current version."),
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
                    200: DescribedResponse("The document existed; it is now as it was sent.", shape, tagged),
                    201: DescribedResponse("The document was created.", shape, tagged),
                },
                DOCUMENTS,
                query=PutQuery,
                headers=PutHeaders,
                body=SentDocument,
                body_bytes=BODY_BYTES,
                problems={
                    409: "The document is final, or units on it are in the way of the change.",
                    412: "The document doesn't match If-Match or If-None-Match.",
                    422: "The body does not match the schema, or names an unknown item or location.",
                },
            ),
            Endpoint(
                "POST",
                "/api/v1/units/{serial_number}",
                self.change_unit,
                {200: DescribedResponse("The unit as it is now.", {JSON: ShownUnit})},
                DOCUMENTS,
                body=ChangedUnit,
                problems={
                    409: "The unit is on an open document.",
                    422: "The body does not match the schema, or the unit, its item or its area is unknown.",
                },
            ),
        ]

    async def document(self, call: Call[object, GetHeaders, None]) -> Response:
        """A credit document with its lines and their serial numbers.

        The shape is that of `scanstation export`.
        """
        number = call.path["number"]
        found = await to_thread.run_sync(self._office.document, number)
        if found is None:
            raise HTTPException(404, f'document "{number[:64]}" is unknown')
        tag = etag(found)
        if _contains(call.headers.if_none_match, tag):
            return Response(status_code=304, headers={"ETag": tag})
        return json_answer(found, headers={"ETag": tag})

    async def put_document(self, call: Call[PutQuery, PutHeaders, SentDocument]) -> Response:
        """Create a credit document, or update it to what was sent.

        The rules are those of `scanstation import`, except that lines left out are removed. Sending it again
        changes nothing. A saved or cancelled document can't be changed. While units are on the document, its
        customer, kind and location change only with `release=true`, which takes them off and ends the work on
        it at the dock.
        """
        headers = call.headers

        def is_expected(found: ExportedDocument | None) -> bool:
            if headers.if_none_match is not None and found is not None:
                return False
            return headers.if_match is None or (
                found is not None and (headers.if_match == "*" or _contains(headers.if_match, etag(found)))
            )

        try:
            put = partial(self._office.put, release=call.query.release == "true")
            stored, is_new = await to_thread.run_sync(put, call.path["number"], call.body, is_expected)
        except tuple(STATUSES) as error:
            raise HTTPException(STATUSES[type(error)], str(error)) from error
        self._notify()
        return json_answer(stored, 201 if is_new else 200, {"ETag": etag(stored)})

    async def change_unit(self, call: Call[object, object, ChangedUnit]) -> Response:
        """Move a unit to another stock area, or take it out of use or back into use.

        Each change is a row of the unit's history.
        """
        try:
            unit = await to_thread.run_sync(self._office.change_unit, call.path["serial_number"], call.body)
        except tuple(STATUSES) as error:
            raise HTTPException(STATUSES[type(error)], str(error)) from error
        self._notify()
        return json_answer(unit)


def etag(document: ExportedDocument) -> str:
    """A strong validator (RFC 9110, 8.8.3): equal only if the whole document is equal."""
    return f'"{sha256(msgspec.json.encode(document)).hexdigest()[:32]}"'


def _contains(tags: str | None, tag: str) -> bool:
    return tags is not None and tag in (each.strip().removeprefix("W/") for each in tags.split(","))
