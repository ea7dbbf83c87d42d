"""The scanning station: serial numbers of returned goods onto the open credit memo."""
