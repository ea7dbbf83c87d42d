"""A label printer as far as the labels need it: interprets ZPL II, and refuses unexpected commands."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from PIL import Image

_HEX = re.compile(rb"_([0-9A-Fa-f]{2})")
_COMMAND = re.compile(rb"([\^~])([A-Z][A-Z0-9@])([^\^~]*)")


@dataclass
class Label:
    """A printed label."""

    image: Image.Image
    texts: list[str] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)


def printed(job: bytes) -> list[Label]:
    """Return the labels of a job."""
    assert job.isascii()
    labels: list[Label] = []
    state = _State()
    for prefix, name, parameters in _COMMAND.findall(job.replace(b"\n", b"")):
        assert prefix == b"^", "a control command, which a label has no need of"
        state.obey(name.decode(), parameters)
        if name == b"XZ":
            labels.append(state.label())
            state = _State()
    assert not state.commands
    return labels


class _State:
    def __init__(self) -> None:
        self.commands: list[str] = []
        self.texts: list[str] = []
        self.boxes: list[tuple[int, int, int, int]] = []
        self.size = [0, 0]
        self.at = (0, 0)
        self.is_hex = self.is_utf8 = False

    def obey(self, name: str, given: bytes) -> None:  # noqa: C901 - a line per command
        self.commands.append(name)
        numbers = [int(each) for each in given.split(b",") if each.isdigit()]
        match name:
            case "XA" | "XZ" | "FS":
                self.is_hex = False
            case "CI":
                self.is_utf8 = numbers == [28]
            case "LH":
                assert numbers == [0, 0]
            case "PQ":
                assert numbers == [1]
            case "PW" | "LL":
                self.size[["PW", "LL"].index(name)] = numbers[0]
            case "FO" | "FT":
                self.at = (numbers[0], numbers[1])
            case "A0":
                assert re.fullmatch(rb"N,\d+,\d+", given)
            case "FH":
                assert given == b""
                self.is_hex = True
            case "FD":
                self._write(given)
            case "GB":
                wide, high, thick = numbers
                assert thick >= min(wide, high), "a frame, where a bar was meant"
                self.boxes.append((*self.at, self.at[0] + wide, self.at[1] + high))
            case _:
                raise AssertionError(f"^{name} is no command of a label")

    def _write(self, data: bytes) -> None:
        assert self.is_utf8
        if self.is_hex:
            data = _HEX.sub(lambda found: bytes([int(found[1], 16)]), data)
        self.texts.append(data.decode())

    def label(self) -> Label:
        image = Image.new("L", (self.size[0], self.size[1]), 255)
        for box in self.boxes:
            assert box[2] <= image.width, "beyond the label's edge"
            assert box[3] <= image.height, "beyond the label's edge"
            image.paste(0, box)
        return Label(image, self.texts, self.commands)
