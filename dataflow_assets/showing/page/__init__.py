"""A pipeline on one page that needs nothing else: no network, no scripts, no other file."""

from dataflow_assets.showing.page.page import pipeline_page

__all__ = ["pipeline_page"]
