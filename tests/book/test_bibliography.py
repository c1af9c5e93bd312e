"""What references.bib must have."""

from bilstm_dropout.book.bibliography import _entries, citation


def test_every_source_has_a_title_and_every_paper_a_year():
    for key, entry in _entries().items():
        assert entry.fields.get("title"), key
        assert "year" in entry.fields or "note" in entry.fields, key
        assert citation(key) != key, key
