"""The rules by which a scan attaches a serial number to a document.

The rules are numbered R, P, M, D as in ``docs/rules.md``. Nothing here depends on a database, a device, a
clock or the web; `ports` declares the interfaces it needs.
"""
