"""Dutch says everything that English says, with the same gaps."""

import re

import pytest

from geocommons.language import catalogue
from tests.web.sentences import Message, collect_sentences, made_up_sentences

SENTENCES = collect_sentences()
GAPS = re.compile(r"\{\w+\}|%\(\w+\)s")


@pytest.mark.parametrize("sentence", SENTENCES, ids=str)
def test_every_sentence_has_a_dutch_one(sentence: Message) -> None:
    parts = sentence if isinstance(sentence, tuple) else (sentence,)
    dutch = catalogue("nl")
    assert dutch is not None
    found = dutch.get(parts[0])
    assert found, f"{SENTENCES[sentence]}: add to geocommons/locale/nl.po"
    texts = found.string if isinstance(found.string, tuple) else (found.string,)
    assert all(texts), f"{parts[0]} is not translated"
    for english, text in zip(parts, texts, strict=False):
        assert set(GAPS.findall(text)) == set(GAPS.findall(english))


def test_no_sentence_is_made_up_of_parts_that_no_translator_can_find() -> None:
    assert made_up_sentences() == []
