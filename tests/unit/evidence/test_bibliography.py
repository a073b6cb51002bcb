import pytest

from thymos.evidence.bibliography import reference, references, unknown
from thymos.lang.errors import EvidenceError


def test_every_entry_can_be_shown_as_one_line():
    for key in references():
        line = reference(key)
        assert "\n" not in line
        assert "{" not in line


def test_a_reference_names_authors_title_place_and_address():
    assert reference("vrisekoop2008") == (
        "Vrisekoop et al. Sparse production but preferential incorporation of recently produced naive T cells"
        " in the human peripheral pool. Proceedings of the National Academy of Sciences 2008."
        " https://pubmed.ncbi.nlm.nih.gov/18420820/"
    )


def test_ranges_of_evidence_ids_are_spelled_out():
    assert references()["vrisekoop2008"].evidence_ids == ("P371", "P372", "P373", "P374")
    assert references()["bains2009blood"].evidence_ids == ("P370", "P387")


def test_no_evidence_row_is_claimed_by_two_papers():
    owners: dict[str, list[str]] = {}
    for key, entry in references().items():
        for row in entry.evidence_ids:
            owners.setdefault(row, []).append(key)
    shared = {row: keys for row, keys in owners.items() if len(keys) > 1}
    assert not shared


def test_an_assumption_has_a_line_too():
    assert reference("assumed") == "Assumed: no source."


def test_an_unknown_key_lists_its_neighbours():
    with pytest.raises(EvidenceError, match=r"got vrisekoop2009\.\n  Try: .*vrisekoop2008"):
        reference("vrisekoop2009")
    assert "[d]" in str(unknown("nobody1900", "recipient/periphery.toml [d]"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("@article{a2000, title = {An {unclosed} one}", "the closing }"),
        ("@article{a2000, title = {An {unclosed} one", "a closing }"),
        ("@article{a2000, title = {x}, pages = {3}}", "got pages"),
        ("@article{a2000, author = {x}}", "no title"),
        ("@article{a2000, title = {x}}\n@misc{a2000, title = {y}}", "same key twice"),
        ("stray words", "@kind"),
        ("@article{a2000, title = x}", "name = {text}"),
    ],
)
def test_a_broken_file_is_refused_with_its_place(tmp_path, text, message):
    file = tmp_path / "broken.bib"
    file.write_text(text)
    with pytest.raises(EvidenceError, match=message):
        references(file)


def test_comments_and_nested_braces_are_read(tmp_path):
    file = tmp_path / "small.bib"
    file.write_text("% a comment\n@misc{a2000,\n  title = {An {HLA} {a {b}}},\n  year = {2000},\n}\n")
    assert references(file)["a2000"].title == "An {HLA} {a {b}}"


def test_a_figure_names_first_author_and_year():
    assert [references()[key].short for key in ("shearer2003", "vanroessel2020", "ucsf_labmanual")] == [
        "Shearer et al. 2003",
        "van Roessel et al. 2020",
        "University of California San Francisco, Clinical Laboratories",
    ]
