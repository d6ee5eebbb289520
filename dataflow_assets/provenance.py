"""What Dagster keeps of what a table was made from: it tells later whether the table is stale."""

from __future__ import annotations

from collections.abc import Mapping

import dagster as dg
from dagster._core.definitions.data_version import get_input_data_version_tag
from dagster._core.execution.plan.execute_step import _build_data_version_tags, _get_input_provenance_data


def provenance_tags(context: dg.AssetExecutionContext, content_hash: str, code_version: str) -> dict[str, str]:
    """Of a materialization that is logged and not returned: those that Dagster gives to a returned one. Without them nothing makes it stale."""
    inputs = _get_input_provenance_data(context.asset_key, context.get_step_execution_context())
    return _build_data_version_tags(dg.DataVersion(content_hash), code_version, inputs, data_version_is_user_provided=True)


def tags_of_what_was_read(context: dg.AssetExecutionContext, hashes: Mapping[dg.AssetKey, str]) -> dict[str, str]:
    """Input -> the hash of its content that was read, as tags of a materialization.

    Dagster takes its last materialization of an input for what was read. It may be of another run that came in between, and the warehouse may have a
    table that `dataflow run`, or another Dagster, made. That is logged, and what was made of another table than Dagster shows is stale.
    """
    step = context.get_step_execution_context()
    for key, content_hash in hashes.items():
        known = step.maybe_fetch_and_get_input_asset_version_info(key)
        if known is not None and known.data_version is not None and known.data_version.value != content_hash:
            context.log.warning(
                f"{'.'.join(key.path)}: the table that was read is not the one that Dagster shows: another run came in between, or `dataflow run` or "
                "another Dagster wrote to the warehouse. What is made of it here is marked as unsynced."
            )
    return {get_input_data_version_tag(key): content_hash for key, content_hash in hashes.items()}
