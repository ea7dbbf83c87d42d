"""What a display shows, in the language of who reads it.

Only sentences are translated: actions, kinds, modes and states are words of the interface, codes and
descriptions are the company's own; why a scanner can't be used, and how a label was read, is for IT.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

if TYPE_CHECKING:
    from station.display.state import Answer, DisplayState, EntryShown, QuestionShown
    from station.languages.language import Language


def state_in(language: Language, state: DisplayState) -> DisplayState:
    """The state with its sentences translated."""
    speak = language.sentence
    return replace(
        state,
        question=_question_in(language, state.question),
        history=tuple(entry_in(language, entry) for entry in state.history),
        database=replace(state.database, detail=speak(state.database.detail)),
        notice=replace(state.notice, text=speak(state.notice.text)) if state.notice else None,
    )


def answer_in(language: Language, answer: Answer) -> Answer:
    """What became of something posted, with its sentences translated."""
    return replace(
        answer,
        rows=tuple(entry_in(language, row) for row in answer.rows),
        question=_question_in(language, answer.question),
        refused=language.sentence(answer.refused) if answer.refused else None,
        messages=tuple(language.sentence(message) for message in answer.messages),
    )


def entry_in(language: Language, entry: EntryShown) -> EntryShown:
    """An entry with its reason translated."""
    return replace(entry, reason=language.sentence(entry.reason)) if entry.reason else entry


def _question_in(language: Language, question: QuestionShown | None) -> QuestionShown | None:
    if question is None:
        return None
    candidates = tuple(
        replace(each, barred=language.sentence(each.barred)) if each.barred else each
        for each in question.candidates
    )
    return replace(question, text=language.sentence(question.text), candidates=candidates)
