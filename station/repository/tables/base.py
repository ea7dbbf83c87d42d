"""What all tables share."""

from __future__ import annotations

from sqlalchemy import MetaData, Text

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    },
)

# Serial numbers are compared as bytes: a range must not depend on the server's language.
BYTEWISE = Text().with_variant(Text(collation="C"), "postgresql")
