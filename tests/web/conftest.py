from tests.terminal.conftest import company, station

__all__ = ["company", "station"]
