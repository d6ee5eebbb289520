"""What if: a parameter of a stage changed in the launchpad, and a deployment with a mistake beside the good ones."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from resources.warehouse import Warehouse
from tests.ui.test_ui import Picture, group, shown, wait_for_end

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.timeout(400)

WRITE = "text => document.querySelector('.CodeMirror').CodeMirror.setValue(text)"
READ = "() => document.querySelector('.CodeMirror').CodeMirror.getValue()"
CONFIG = "ops:\n  notes_again__long_enough:\n    config:\n      min_words: 9\n"


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
