"""Retrieval: documents, lines, units, and the rules by which a scan attaches a serial number.

The rules are numbered R, P, M, D as in ``docs/rules.md``. Nothing here knows a database, a device, a clock
or the web; what it needs of the world stands in `ports`.
"""
