"""The live display in a terminal, fed over HTTP.

It decides nothing: every key and every typed number goes to the station's queue like a scan.
"""
