from __future__ import annotations

import pytest

from station.i18n.catalogues import LANGUAGES, language
from station.i18n.messages import msg, msg_count


@pytest.mark.parametrize(
    ("code", "numbers"),
    [
        ("en", ["0", "999", "1,000", "1,234,567"]),
        ("de", ["0", "999", "1.000", "1.234.567"]),
        ("es", ["0", "999", "1000", "1.234.567"]),
        ("fr", ["0", "999", "1 000", "1 234 567"]),
    ],
)
def test_numbers_are_written_as_is_usual_in_the_language(code: str, numbers: list[str]) -> None:
    speaking = language(code)
    assert [speaking.number(number) for number in (0, 999, 1000, 1234567)] == numbers
    assert speaking.text("{count} too many", count=1234567).startswith(numbers[-1])


@pytest.mark.parametrize(
    ("code", "saved"),
    [
        ("en", ["0 units moved", "1 unit moved", "12,000 units moved"]),
        ("de", ["0 Stück umgelagert", "1 Stück umgelagert", "12.000 Stück umgelagert"]),
        ("es", ["0 unidades movidas", "1 unidad movida", "12.000 unidades movidas"]),
        ("fr", ["0 unité déplacée", "1 unité déplacée", "12 000 unités déplacées"]),
    ],
)
def test_each_language_has_its_own_plural_forms(code: str, saved: list[str]) -> None:
    one, many = "{document} is saved, {count} unit moved", "{document} is saved, {count} units moved"
    sentences = [
        language(code).sentence(msg_count(one, many, count, document="CM-1")) for count in (0, 1, 12000)
    ]
    assert [each.partition(", ")[2] for each in sentences] == saved


def test_a_list_in_a_sentence_is_joined_in_the_language() -> None:
    sentence = "the label contradicts itself: it says item code A-1 and item code B and GTIN 1"
    assert language("de").sentence(sentence) == (
        "das Etikett widerspricht sich: Artikelnummer A-1 und Artikelnummer B und GTIN 1"
    )
    allowed = 'AI 8003 (GRAI) must be 14 digits, then up to 16 characters of GS1\'s set 82, and is "X"'
    assert language("fr").sentence(allowed) == (
        'AI 8003 (GRAI) doit avoir 14 chiffres, puis jusqu\'à 16 caractères du jeu GS1 82 ; on lit "X"'
    )


def test_text_from_a_label_is_not_translated() -> None:
    reason = msg('unknown command "{word}"', word="already on CM-1")
    assert language("de").sentence(reason) == 'unbekannter Befehl "already on CM-1"'


@pytest.mark.parametrize("code", LANGUAGES)
def test_other_sentences_are_not_translated(code: str) -> None:
    for sentence in ("", "/dev/ttyACM0 belongs to the group dialout; add the user to it", "CM-1001"):
        assert language(code).sentence(sentence) == sentence


def test_an_unknown_language_is_english() -> None:
    assert language("xx").code == "en"
    assert language("").text("Assigned") == "Assigned"
