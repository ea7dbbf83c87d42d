"""Finds scanners: what is plugged in, in which mode, and when that changes.

Everything is read from sysfs and ``/dev``; nothing here opens a scanner. A device may disappear at any time:
whatever can't be read any more counts as absent, never as an error.
"""
