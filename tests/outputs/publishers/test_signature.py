from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING

import pytest

from station.errors import ConfigError
from station.outputs.publishers.webhook import Signer, message_id

if TYPE_CHECKING:
    from pathlib import Path


def test_the_signature_is_that_of_the_schemes_own_example(tmp_path: Path) -> None:
    """The example from the tests of the Standard Webhooks libraries."""
    (tmp_path / "key").write_text("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n")
    signer = Signer.from_file(str(tmp_path / "key"), "key_file")
    signature = signer.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize(
    "secret",
    [
        "whsec_",
        "whsec_no base64!",
        "whsec_!" + b64encode(b"x" * 32).decode(),
        "whsec_" + b64encode(b"x" * 23).decode(),
        b64encode(b"x" * 65).decode(),
        "é",
    ],
)
def test_an_invalid_key_is_refused_without_showing_it_and_with_how_to_create_one(
    tmp_path: Path, secret: str
) -> None:
    (tmp_path / "key").write_text(secret + "\n")
    with pytest.raises(
        ConfigError, match=r"^publish\[1\]\.key_file = .* create one: .*openssl rand"
    ) as caught:
        Signer.from_file(str(tmp_path / "key"), "publish[1].key_file")
    assert len(secret) < 7 or secret not in str(caught.value)


def test_the_same_content_has_the_same_id_and_other_content_another() -> None:
    assert message_id(b"a") == message_id(b"a") != message_id(b"b")
