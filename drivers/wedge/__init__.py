"""Scanners that type: keyboard wedges, read as input events and decoded by the layout they type for."""
