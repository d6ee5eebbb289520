"""What a user does in the Dagster UI, done in a real browser: the tests run in the order of the page, as one who comes new would go."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from resources.warehouse import Warehouse

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

Picture = Callable[[str], None]

pytestmark = pytest.mark.timeout(500)
WRITE = "text => document.querySelector('.CodeMirror').CodeMirror.setValue(text)"
READ = "() => document.querySelector('.CodeMirror').CodeMirror.getValue()"
CONFIG = "ops:\n  notes_again__long_enough:\n    config:\n      min_words: 9\n"
STAGES = ("notes", "clean", "varied", "long_enough", "export")


def group(pipeline: str) -> str:
    return f"/locations/looked_at/asset-groups/{pipeline}/lineage"


def shown(page: Page, text: str) -> Locator:
    """The first place that says exactly this, once it is to be seen."""
    place = page.get_by_text(text, exact=True).first
    place.wait_for()
    return place


def materialize_all(page: Page, pipeline: str) -> None:
    """Start a run from the lineage graph, and go to the run."""
    page.goto(group(pipeline))
    shown(page, "Materialize all").click()
    shown(page, "View").click()
    page.wait_for_url("**/runs/**")


def wait_for_end(page: Page) -> str:
    """How the run on the page ended, as its page says."""
    page.get_by_text("Success", exact=True).or_(page.get_by_text("Failure", exact=True)).first.wait_for(timeout=120_000)
    return "Success" if page.get_by_text("Success", exact=True).count() else "Failure"


def versions(project: Path, pipeline: str) -> dict[str, str]:
    """Which version of its table each stage has."""
    warehouse = Warehouse(project / "warehouse")
    return {stage: warehouse.table(pipeline, stage).current_version() for stage in STAGES if stage != "export"}


def test_the_lineage_graph_has_every_stage(page: Page, picture: Picture) -> None:
    page.goto(group("notes"))
    for stage in STAGES:
        shown(page, stage)
    picture("ui_lineage")


def test_a_run_is_started_from_the_graph_and_watched_to_its_end(page: Page, picture: Picture, project: Path) -> None:
    materialize_all(page, "notes")
    assert wait_for_end(page) == "Success"
    picture("ui_run")
    kept = Warehouse(project / "warehouse").table("notes", "long_enough").read()
    assert len(kept) == 50
    assert (project / "notes.parquet").exists()


def test_a_stage_shows_what_it_did(page: Page, picture: Picture) -> None:
    page.goto("/assets/notes/long_enough")
    shown(page, "rows_rejected")
    page.get_by_text("WordCountFilter").first.wait_for()
    picture("ui_stage")


def test_the_histogram_of_a_score_is_seen_as_a_picture(page: Page, picture: Picture) -> None:
    page.goto("/assets/notes/varied")
    shown(page, "histogram of ngram_diversity")
    drawn = page.locator("img[alt=histogram]")
    drawn.scroll_into_view_if_needed()
    assert drawn.evaluate("picture => picture.complete && picture.naturalWidth > 100")
    picture("ui_histogram")


def test_one_stage_alone_is_materialized(page: Page, project: Path) -> None:
    before = versions(project, "notes")
    page.goto("/assets/notes/clean")
    shown(page, "Materialize").click()
    shown(page, "View").click()
    page.wait_for_url("**/runs/**")
    assert wait_for_end(page) == "Success"
    after = versions(project, "notes")
    assert {stage for stage in before if before[stage] != after[stage]} == {"clean"}


def test_a_check_that_fails_is_red_and_says_by_how_much(page: Page, picture: Picture) -> None:
    materialize_all(page, "hasty")
    assert wait_for_end(page) == "Failure"
    page.goto("/assets/hasty/long_enough?view=checks")
    shown(page, "keep_rate")
    shown(page, "Failed")
    picture("ui_failed_check")


def test_a_schedule_is_switched_on(page: Page, picture: Picture) -> None:
    page.goto("/locations/looked_at/schedules/notes_schedule")
    switch = page.get_by_role("checkbox").first
    switch.wait_for(state="attached")
    assert not switch.is_checked()
    switch.dispatch_event("click")
    shown(page, "Next tick")
    picture("ui_schedule")


def test_a_parameter_is_changed_in_the_launchpad_and_the_stage_is_out_of_date_afterwards(page: Page, picture: Picture, project: Path) -> None:
    page.goto("/locations/looked_at/jobs/notes_again/playground")
    page.locator(".CodeMirror").first.wait_for()
    page.evaluate(WRITE, CONFIG)
    page.wait_for_timeout(2000)  # the page checks the config
    assert "min_words: 9" in page.evaluate(READ)
    picture("ui_launchpad")
    page.get_by_role("button", name="Launch Run").click()
    page.wait_for_url("**/runs/**")
    assert wait_for_end(page) == "Success"
    page.goto("/assets/notes_again/long_enough")
    shown(page, "changed in the launchpad")
    page.get_by_text("Unsynced").first.wait_for()
    picture("ui_launchpad_result")
    kept = Warehouse(project / "warehouse").table("notes_again", "long_enough").read()
    assert min(len(text.split()) for text in kept.column("text").to_pylist()) == 9


def test_a_deployment_with_a_mistake_is_shown_with_it_beside_the_others(page: Page, picture: Picture) -> None:
    page.goto(group("mistaken"))
    shown(page, "does_not_load")
    page.get_by_text("Failed").first.wait_for(timeout=120_000)  # its sensor ran it once
    page.goto("/assets/mistaken/does_not_load")
    page.get_by_text('did you mean "schedule"?').first.wait_for()
    picture("ui_does_not_load")
    page.goto(group("notes"))
    shown(page, "long_enough")


def test_partitions_are_backfilled(page: Page, picture: Picture, project: Path) -> None:
    page.goto(group("days"))
    shown(page, "3 partitions")
    page.get_by_role("button", name="Materialize all").click()
    shown(page, "All").click()
    page.get_by_role("button", name="Launch backfill").click()
    shown(page, "View").click()
    page.get_by_text("100% completed").nth(3).wait_for(timeout=180_000)  # of four stages
    picture("ui_backfill")
    warehouse = Warehouse(project / "warehouse")
    assert [len(warehouse.table("days", "notes", shard).read()) for shard in ("monday", "tuesday", "wednesday")] == [20, 20, 20]
