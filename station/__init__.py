"""The scanning station: attaches serial numbers of returned goods to the open credit memo."""
