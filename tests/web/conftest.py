from tests.display.conftest import company, station

__all__ = ["company", "station"]
