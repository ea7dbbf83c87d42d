from __future__ import annotations

import re
import tomllib
from pathlib import Path

import msgspec
import pytest

from station.config.loading import from_table, load_file
from station.config.publishing import PublishSettings
from station.errors import ConfigError

EXAMPLE = Path(__file__).parents[3] / "config.example.toml"
WEBHOOK = '[[publish]]\nname = "erp"\nkind = "webhook"\nurl = "https://erp.example.com"\n'
MQTT = '[[publish]]\nname = "broker"\nkind = "mqtt"\nurl = "mqtts://broker.example.com"\n'


def test_the_example_of_a_publisher_has_the_defaults() -> None:
    text = re.sub(r"^#(?=[a-z\[])", "", EXAMPLE.read_text(), flags=re.MULTILINE)
    (publisher,) = from_table(tomllib.loads(text), "example").publish
    assert publisher == PublishSettings(name="erp", kind="webhook", url="https://erp.example.com/scans")
    for field in msgspec.structs.fields(PublishSettings):
        assert f"#{field.encode_name} = " in EXAMPLE.read_text()


def test_two_kinds_of_publishers_can_be_configured(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(WEBHOOK + 'from = "beginning"\n' + MQTT)
    erp, broker = load_file(tmp_path / "config.toml").publish
    assert (erp.start, erp.address().shown) == ("beginning", "https://erp.example.com:443")
    assert (broker.start, broker.address().shown) == ("now", "mqtts://broker.example.com:8883")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (WEBHOOK + WEBHOOK, 'are named "erp"; give each a name of its own'),
        (WEBHOOK.replace("webhook", "mail"), 'kind = \'mail\': must be "mqtt" or "webhook"'),
        (WEBHOOK.replace('"erp"', '"e/p"'), "name = 'e/p': must be letters, digits, dots"),
        (WEBHOOK + 'from = "yesterday"', 'from = \'yesterday\': must be "now" or "beginning"'),
        (WEBHOOK + "batch = 0", "batch = 0: must be a whole number from 1 to 1000"),
        (WEBHOOK + "timeout_s = 900", "timeout_s = 900: must be a whole number from 1 to 120"),
        (MQTT + 'topic = "a/#"', "topic = 'a/#': must be the beginning of a topic, without + and #"),
        (MQTT + 'topic = "$SYS/x"', "topic = '$SYS/x': must be the beginning of a topic"),
        (MQTT + 'version = "3"', 'version = \'3\': must be "5" or "3.1.1"'),
        (WEBHOOK + 'topic = "x"', 'topic: means nothing for kind = "webhook"; leave it out'),
        (WEBHOOK + 'username = "x"', 'username: means nothing for kind = "webhook"; leave it out'),
        (MQTT + 'key_file = "./x"', 'key_file: means nothing for kind = "mqtt"; leave it out'),
        (MQTT + 'password_file = "./x"', "password_file is set, but username is not; set both"),
        (WEBHOOK.replace("https", "ftp"), "url: must be like https://erp.example.com/scans, in ASCII"),
        (MQTT.replace("mqtts", "https"), "url: must be like mqtts://broker.example.com:8883"),
        (MQTT.replace(".com", ".com/path"), "url: must be like mqtts://broker.example.com:8883"),
        (WEBHOOK.replace("erp.", "erp .") + "", "url: must be like https://"),
        (WEBHOOK.replace("https://erp.example.com", ""), "url: must be like https://"),
        (WEBHOOK.replace(".com", ".com:99999"), "url: must be like https://"),
        (
            WEBHOOK.replace("https", "http") + 'ca_file = "x"',
            "ca_file: means nothing without TLS; begin url with",
        ),
        (
            WEBHOOK.replace("https", "http") + 'token_file = "/x"',
            "token_file: a secret goes to other machines with",
        ),
        (
            MQTT.replace("mqtts", "mqtt") + 'username = "x"\npassword_file = "/x"',
            "password_file: a secret goes to other machines with TLS only; begin url with mqtts://",
        ),
    ],
)
def test_a_mistake_is_reported_with_its_key(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "config.toml").write_text(text)
    with pytest.raises(ConfigError, match=re.escape(says)):
        load_file(tmp_path / "config.toml")


@pytest.mark.parametrize("key", ["key_file", "token_file"])
def test_a_secret_where_the_name_of_its_file_belongs_is_refused_and_not_shown(
    tmp_path: Path, key: str
) -> None:
    (tmp_path / "config.toml").write_text(WEBHOOK + f'{key} = "whsec_c2VjcmV0/"')
    with pytest.raises(ConfigError, match=rf"{key}: must be the path of a file") as caught:
        load_file(tmp_path / "config.toml")
    assert "c2VjcmV0" not in str(caught.value)


@pytest.mark.parametrize("url", ["https://me:s3cret@erp.example.com/", "https://s3cret@erp.example.com/"])
def test_a_password_in_a_url_is_refused_and_not_shown(tmp_path: Path, url: str) -> None:
    (tmp_path / "config.toml").write_text(WEBHOOK.replace("https://erp.example.com", url))
    with pytest.raises(ConfigError, match=r"publish.*url: must be like .* without user, password") as caught:
        load_file(tmp_path / "config.toml")
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]"])
def test_a_secret_may_go_in_clear_to_this_machine_itself(tmp_path: Path, host: str) -> None:
    (tmp_path / "config.toml").write_text(
        WEBHOOK.replace("https://erp.example.com", f"http://{host}:8080/") + 'token_file = "/etc/token"'
    )
    assert load_file(tmp_path / "config.toml").publish[0].address().port == 8080
