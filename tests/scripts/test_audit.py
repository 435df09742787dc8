"""What the audit of dependencies makes of what its sources say, or do not say."""

import json

from scripts.audit import browser_verdict, python_verdict


def test_a_hole_that_an_update_closes_is_told_with_that_update() -> None:
    hole = {"id": "PYSEC-2026-1", "fix_versions": ["2.1"], "aliases": [], "description": ""}
    open_one = {"id": "PYSEC-2026-2", "fix_versions": [], "aliases": [], "description": ""}
    said = {"dependencies": [{"name": "gate", "version": "2.0", "vulns": [hole, open_one]}], "fixes": []}
    verdict = python_verdict(json.dumps(said))
    assert verdict.fixable == ["gate 2.0: PYSEC-2026-1, closed in 2.1"]
    assert verdict.open == ["gate 2.0: PYSEC-2026-2, closed nowhere yet"]


def test_a_source_that_knows_nothing_is_not_taken_for_a_clean_bill() -> None:
    said = {"dependencies": [{"name": "gate", "skip_reason": "not found on PyPI"}, {"name": "b", "vulns": []}]}
    assert python_verdict(json.dumps(said)).silent == "its source could not tell of 1 of 2"
    assert python_verdict("").silent
    assert browser_verdict('{"message": "405 Method Not Allowed", "error": {}}').silent
    assert browser_verdict("no JSON").silent


def test_holes_of_browser_packages_are_told_apart_by_whether_an_update_helps() -> None:
    said = {
        "vulnerabilities": {
            "pbf": {"severity": "high", "range": "<5", "fixAvailable": True},
            "leaflet": {"severity": "low", "range": "*", "fixAvailable": False},
        }
    }
    verdict = browser_verdict(json.dumps(said))
    assert verdict.fixable == ["pbf <5: high, closed by an update"]
    assert verdict.open == ["leaflet *: low, closed nowhere yet"]
    assert browser_verdict('{"vulnerabilities": {}}') == ([], [], "")
