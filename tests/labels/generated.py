"""Generated labels, made of pieces that have a meaning in one of the formats."""

from __future__ import annotations

from hypothesis import strategies as st

from station.config.settings import HouseFormat, LabelSettings

_PIECES = (
    *("01", "21", "10", "00", "8003", "8004", "3103", "17", "09521000001015", "106141411928374657", "\x1d"),
    *("[)>", "\x1e", "\x04", "05", "06", "12", "S", "1P", "30P", "25SUN", "18S", "42S04", "SER "),
    *("https://x/", "/", "%2F", "%", "?", "&", "=", "01=", "/21/", "$$", "YES", "CM-1", "\\", "\\000026"),
    *("SN-1", "ä", "4006381333931"),
)
_WHOLE = (
    *("SN-1", "$$YES", "CM-1", "4006381333931", "0109521000001015" + "21SN-1", "0109521000001015" + "10L"),
    *("00106141411928374657", "8003095210000010151234", "010952100000101421X", "21A\x1d21B"),
    *("[)>\x1e06\x1d1PP\x1dSA\x1dSB\x1e\x04", "[)>\x1e06\x1d25SLEEHASN\x1e\x04", "[)>\x1e06\x1dS\x1e\x04"),
    *("[)>\x1e05\x1d0109521000001015" + "21A\x1e06\x1dSB\x1e\x04", "[)>\x1e12\x1dSER A\x1e\x04"),
    *("https://x/01/09521000001015/21/S%2F1", "https://x/01/09521000001014/21/S", "12-79927398713", "SAx"),
)
_HOUSE = (
    HouseFormat(pattern="(?P<gtin>[0-9]+)-(?P<serial>.+)", check="luhn", strip_check=True),
    HouseFormat(prefix="S", pattern="(?P<item>.)?(?P<serial>.*)x"),
    HouseFormat(name="loud", pattern="[0-9]{2}-(?P<serial>[0-9]{11})", check="luhn"),
)

_SET_82 = "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
SERIAL = st.text(_SET_82, min_size=1, max_size=20)
"""Data of AI 21."""

TEXTS = st.sampled_from(_WHOLE) | st.lists(st.sampled_from(_PIECES), min_size=1, max_size=12).map("".join)
IDENTIFIERS = st.sampled_from(
    [None, "]C1", "]d2", "]Q3", "]E0", "]E3", "]E4", "]A1", "]I1", "]Q1", "]d1", "]", "", "]x1", "]C0"]
)
SETTINGS = st.builds(
    LabelSettings,
    gs1=st.sampled_from(["identifier", "always", "never"]),
    house_format=st.lists(st.sampled_from(_HOUSE), max_size=3, unique=True).map(tuple),
)
