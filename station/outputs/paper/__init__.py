"""What the station puts on paper: sheets of bar codes to scan from, and labels for generated serial numbers.

Whatever is printed has been read back first (`reading`) as each of the station's scanners would read it.
"""
