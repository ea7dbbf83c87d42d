"""Which device a scanner is: what is plugged in, in which mode, and when that changes.

Everything is read from sysfs and ``/dev``; nothing here opens a scanner. A device may go while it is looked
at: what can't be read any more counts as absent, never as an error.
"""
