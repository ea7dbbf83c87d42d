"""Attachments, and the history that goes with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, delete, insert, select

from station.repository.statements.parts import P, next_number, parameters
from station.repository.tables import attachments, history, posts
from station.repository.unit_of_work import insert_or_skip

if TYPE_CHECKING:
    from sqlalchemy import ClauseElement, Dialect


def of_attachments(dialect: Dialect) -> dict[str, ClauseElement]:
    """Attachments and the history that goes with them."""
    is_mine = and_(
        attachments.c.document == P("document"),
        attachments.c.serial_number == P("serial_number"),
        attachments.c.item == P("item"),
    )
    attachment = (
        attachments.c.document,
        attachments.c.line,
        attachments.c.serial_number,
        attachments.c.item,
    )
    return {
        "attach": insert_or_skip(attachments, dialect).values(
            parameters(attachments, document_status="open"),
        ),
        "detach": delete(attachments).where(is_mine),
        "attachment": select(*attachment).where(is_mine),
        "last_attachment": (
            select(*attachment)
            .join(history, history.c.id == attachments.c.history_id)
            .where(
                attachments.c.document == P("document"),
                history.c.station == P("station"),
                history.c.session == P("session"),
            )
            .order_by(history.c.number.desc())
            .limit(1)
        ),
        "record": insert(history).values(parameters(history, number=next_number(history))),
        "is_applied": select(history.c.number).where(history.c.id == P("id")),
        "remember": insert(posts).values(parameters(posts)),
        "remembered": select(posts.c.asked, posts.c.told).where(posts.c.id == P("id")),
    }
