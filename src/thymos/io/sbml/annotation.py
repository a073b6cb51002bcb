"""What is said about an element beside its numbers: notes for people, links and names for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape, quoteattr

from thymos.evidence.bibliography import ASSUMED, reference, references
from thymos.io.sbml.library import filled, libsbml, must

if TYPE_CHECKING:
    from thymos.evidence.value import Value

NAMESPACE = "urn:thymos:sbml:1"
"""Of the element that keeps a name as thymos prints it."""


def describe(element: Any, name: str, text: str, *lines: str) -> None:
    """Name for a list, notes, and the name in thymos: `periphery.naive[H,CD4]`."""
    _, bracket, index = name.partition("[")
    identifier = element.getId()
    filled(element, Name=f"{text} [{index}" if bracket else text, MetaId=f"meta_{identifier}")
    note(element, *lines)
    kept = f"<thymos:quantity xmlns:thymos={quoteattr(NAMESPACE)} name={quoteattr(name)}/>"
    must(element.appendAnnotation(kept), f"annotation of {name}")


def note(element: Any, *lines: str) -> None:
    """Paragraphs for a person."""
    paragraphs = "".join(f"<p>{escape(line)}</p>" for line in lines if line)
    if paragraphs:
        body = f'<body xmlns="http://www.w3.org/1999/xhtml">{paragraphs}</body>'
        must(element.setNotes(body), f"notes of {element.getId()}")


def papers(value: Value) -> str:
    """The row of evidence behind a number as one line."""
    low, high = value.interval
    unit = f" {value.unit}" if value.unit else ""
    typical = f"Typical value {value.value:g}{unit} (95 % interval {low:g} to {high:g}), {value.grade}"
    return f"{typical}: {value.where}. {reference(value.source)}"


def cite(element: Any, source: str) -> None:
    """Link the element to its paper, where the paper has an address."""
    address = "" if source == ASSUMED else resource(references()[source].url)
    if not address:
        return
    sbml = libsbml()
    term = sbml.CVTerm(sbml.BIOLOGICAL_QUALIFIER)
    must(term.setBiologicalQualifierType(sbml.BQB_IS_DESCRIBED_BY), source)
    must(term.addResource(address), source)
    must(element.addCVTerm(term), source)


def resource(url: str) -> str:
    """An address as the registry of identifiers writes it, where it knows the kind; else as it is."""
    for mark, kind in (
        ("doi.org/", "doi"),
        ("pubmed.ncbi.nlm.nih.gov/", "pubmed"),
        ("nlm.nih.gov/pubmed/", "pubmed"),
    ):
        if mark in url:
            return f"https://identifiers.org/{kind}:{url.partition(mark)[2].rstrip('/')}"
    return url


def sign(model: Any, version: str, identifier: str) -> None:
    """The creator; no date, so that the same input gives the same bytes."""
    creator, history = libsbml().ModelCreator(), libsbml().ModelHistory()
    must(creator.setOrganisation(f"thymos {version}"), "creator")
    must(creator.setFamilyName("thymos"), "creator")
    must(creator.setGivenName(version), "creator")
    must(history.addCreator(creator), "creator")
    filled(model, MetaId=f"meta_{identifier}", ModelHistory=history)
