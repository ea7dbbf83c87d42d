"""Raw USB scanners: HID POS, IBM hand-held, and Symbol's simple COM emulation.

A transport hands over reports untouched; `descriptor` says what stands where in them, and a decoder for each
protocol makes frames of them.
"""
