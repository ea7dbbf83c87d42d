"""What people see and touch: the station's state over HTTP, and a live display in a terminal.

Nothing here decides: a touch, a key, a typed number goes to the station's queue like a pulled trigger.
"""
