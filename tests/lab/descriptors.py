"""Report descriptors of the emulated scanners, item by item (HID 1.11, section 6.2.2)."""

from __future__ import annotations

BOOT_KEYBOARD = bytes.fromhex(
    "05 01 09 06 A1 01"  # Generic Desktop, Keyboard: HID 1.11 appendix B.1
    "05 07 19 E0 29 E7 15 00 25 01 75 01 95 08 81 02"  # eight modifier keys
    "75 08 95 01 81 03"  # a byte reserved
    "05 08 19 01 29 05 75 01 95 05 91 02 75 03 95 01 91 03"  # five LEDs, out
    "05 07 19 00 29 65 15 00 25 65 75 08 95 06 81 00"  # six keys at once
    "C0"
)

HID_POS = bytes.fromhex(
    "05 8C 09 02 A1 01 85 02"  # Bar Code Scanner; USB HID Point of Sale Usage Tables 1.02
    "09 12 A1 02"  # Scanned Data Report
    "15 00 26 FF 00 75 08"
    "05 01 09 3B 95 01 81 02"  # Byte Count
    "05 8C 09 FB 09 FC 09 FD 95 03 81 02"  # symbology identifier 1 to 3
    "09 FE 95 38 82 02 01"  # Decoded Data, 56 bytes
    "06 66 FF 09 04 95 01 81 02"  # a byte of the maker's own
    "75 08 95 01 81 03"  # a byte reserved
    "05 8C 09 FF 25 01 75 01 95 01 81 02 75 07 81 03"  # Data Continued, one bit
    "C0 C0"
)
"""64 bytes with its report number: what most makers send."""

IBM_HAND_HELD = bytes.fromhex("06 45 FF 0A 00 4B A1 01 0A 00 4B 15 00 26 FF 00 75 08 95 40 81 02 C0")
"""One input report of 64 bytes, without a number."""

SYMBOL_COM = bytes.fromhex("06 00 FF 09 01 A1 01 09 01 15 00 26 FF 00 75 08 95 40 81 02 C0")
"""One input report of 64 bytes on a page of the maker's own."""
