"""The sources: identifiers, addresses, and what was read of each."""

import re
from collections import defaultdict
from urllib.parse import urlparse

import pytest

from model.errors import InputError
from model.priors.folder import SHIPPED, Priors, read_priors
from model.priors.reading import check_reading, cited_in_full, reading_cap, what_was_read
from tests.helpers.priors import with_table

PRIORS = read_priors(SHIPPED)
SOURCES = PRIORS.sources
CITING = [
    (name, column)
    for name, column in (*((n, "source") for n in PRIORS.tables), ("evidence/verbal_terms", "source_key"))
    if PRIORS.tables[name] and column in PRIORS.tables[name][0].cells and name not in ("sources", "reading", "changes")
]
CITED = {key for name, column in CITING for row in PRIORS.tables[name] for key in row.words(column)} & set(SOURCES)
CATALOGUES = (
    "researcher.life", "scilit", "pure.", "elsevierpure.com", "acemap.info", "scribd.com", "docslib.org",
    "studylib.net", "coek.info", "onmedica.com", "paperexplained.cn", "ouci.dntb.gov.ua", "reviewer.ly", "vufind",
    "deno.dev", "fdocuments.net", "vdocuments.us", "scite.ai", "sparrho.com", "metajournal.com", "medscape.com",
    "reliasmedia.com",
)  # fmt: skip
"""Parts of the hosts of catalogues, copies and news, which do not hold the article itself."""


def study(key: str) -> str:
    """The key that stands for all reports of a study."""
    return SOURCES[key]["same_study_as"] or key


def test_a_doi_and_a_pubmed_number_have_their_form() -> None:
    for key, row in SOURCES.items():
        assert re.fullmatch(r"(10\.\d{4,}/\S+)?", row["doi"]), key
        assert re.fullmatch(r"\d*", row["pubmed"]), key


@pytest.mark.parametrize("column", ["doi", "pubmed"])
def test_two_keys_of_one_article_are_joined(column: str) -> None:
    keys = defaultdict(set)
    for key, row in SOURCES.items():
        if row[column]:
            keys[row[column].lower()].add(study(key))
    assert [found for found in keys.values() if len(found) > 1] == []


def test_two_keys_of_one_address_are_joined() -> None:
    keys = defaultdict(set)
    for key, row in SOURCES.items():
        if row["url"]:
            keys[row["url"]].add(study(key))
    assert [found for found in keys.values() if len(found) > 1] == []


def test_a_joined_key_names_the_key_that_stands_for_the_study() -> None:
    for row in SOURCES.values():
        if row["same_study_as"]:
            assert SOURCES[row["same_study_as"]]["same_study_as"] == "", row["source"]


def test_an_article_with_an_identifier_is_not_cited_by_the_address_of_a_copy() -> None:
    for key, row in SOURCES.items():
        if row["doi"] or row["pubmed"]:
            host = urlparse(row["url"]).netloc
            assert host and not any(part in host for part in CATALOGUES), key


def test_an_article_with_an_identifier_is_not_a_copied_abstract() -> None:
    copies = [row for row in SOURCES.values() if "copied abstract" in what_was_read(row)]
    assert copies and not any(row["doi"] or row["pubmed"] for row in copies)


def test_every_cited_source_says_what_was_read_of_it() -> None:
    assert [key for key in sorted(CITED) if not what_was_read(SOURCES[key])] == []


def test_the_seeds_and_only_they_are_read_as_seeds() -> None:
    seeds = {row["document"] for row in PRIORS.tables["seeds/claims"]}
    assert {key for key, row in SOURCES.items() if what_was_read(row) == ("seed",)} == seeds


def test_only_the_assumption_by_analogy_was_read_nowhere() -> None:
    assert [key for key, row in SOURCES.items() if what_was_read(row) == ("none",)] == ["expert_analogy"]


def test_a_citation_says_what_was_read() -> None:
    assert cited_in_full(PRIORS, "Lilleker2018_a").endswith("Ann Rheum Dis 2018;77:30-39 (read: abstract)")
    assert cited_in_full(PRIORS, "expert_analogy") == SOURCES["expert_analogy"]["citation"]


def test_a_folder_whose_sources_do_not_say_what_was_read_still_loads() -> None:
    older = with_table(PRIORS, "sources.csv", "source,citation\nan_author_2001,An Author 2001\n")
    assert cited_in_full(older, "an_author_2001") == "An Author 2001"
    assert cited_in_full(older, "another_author") == "another_author"


def shares_of(strength: float, source: str, sources: str) -> Priors:
    """The shipped folder with one share, of a source that was read as said."""
    head = "setting,diagnosis,percent,strength,grade,source,locator,note"
    share = f"{head}\nsuspected_myositis,dermatomyositis,5,{strength},B,{source},,\n"
    return with_table(with_table(PRIORS, "sources.csv", sources), "shares.csv", share)


READ = "source,citation,read\nbook,A textbook,secondary page\ntalk,A talk,congress abstract\npaper,A paper,full text\n"


def test_no_number_is_worth_more_than_what_was_read_of_its_sources_allows() -> None:
    check_reading(PRIORS)


@pytest.mark.parametrize(("source", "cap"), [("book", 20), ("book;talk", 60), ("book;talk;paper", 200)])
def test_the_best_source_of_a_number_gives_the_cap(source: str, cap: float) -> None:
    priors = shares_of(20, source, READ)
    assert reading_cap(priors, priors.tables["shares"][0]) == cap


def test_a_number_from_secondary_pages_alone_that_is_worth_more_than_a_word_is_refused() -> None:
    with pytest.raises(InputError, match=r"shares.csv, line 2, field strength: 30 patients are more than 20"):
        check_reading(shares_of(30, "book", READ))


def test_there_is_no_cap_if_the_folder_does_not_say_what_was_read() -> None:
    priors = shares_of(30, "book", "source,citation\nbook,A textbook\n")
    assert reading_cap(priors, priors.tables["shares"][0]) == float("inf")
