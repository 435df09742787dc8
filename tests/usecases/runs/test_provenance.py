"""What a run stands on, in words."""

from geocommons.usecases.runs.provenance import input_words


def test_facts_of_sites_are_called_in_the_readers_language() -> None:
    assert input_words("sites.waiting_list", "en") == "waiting list of the sites"
    assert input_words("sites.waiting_list", "nl") == "wachtlijst van de plekken"
    assert input_words("sites.colour_of_gate", "en") == "colour of gate of the sites"
