"""Printed output: sheets of bar codes to scan from, and labels for generated serial numbers.

Before printing, every code is checked (`reading`): each of the station's scanners must read it correctly.
"""
