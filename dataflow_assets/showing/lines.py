"""What a stage did, and how far it is, in one line."""

from __future__ import annotations

from operators.asking.answers import Usage
from operators.engine.report import Report

MINUTE, HOUR = 60, 3600


def finished_line(name: str, report: Report, kind: str, shard: str | None = None) -> str:
    """A stage that is done: what was kept of how many, in which time, what dropped most, and what models cost.

    "quality: kept 812 of 1,000 rows (81.2 %) in 0.4 s; most dropped by WordCountFilter: 120 of 188"
    """
    parts = [f"{_what(report, kind)} in {duration(report.seconds)}"]
    if report.rejected_by:
        rule, count = report.rejected_by.most_common(1)[0]
        parts.append(f"most dropped by {rule}: {count:,} of {report.filtered:,}")
    if report.changed_by:
        rule, count = report.changed_by.most_common(1)[0]
        parts.append(f"most rewritten by {rule}: {count:,}")
    parts += [f"all {rows:,} rows with a score have {score}, which tells none from another" for score, rows in report.same_scores().items()]
    if report.failed:
        parts.append(f"{report.failed:,} failed: {report.failures.most_common(1)[0][0]}")
    parts += [usage_line(resource, usage) for resource, usage in report.usage.items()]
    return f"{name}{f'[{shard}]' if shard is not None else ''}: {'; '.join(parts)}"


def progress_line(name: str, done: int, total: int, seconds: float, report: Report) -> str:
    """A stage under way: "rate: 120 of 1,000 rows, 4.1 rows/s, 3 min 35 s left; llm: 118 calls, 45,210 tokens, $0.0123"."""
    speed = done / seconds if seconds > 0 else 0.0
    parts = [f"{done:,} of {total:,} rows" if total > done else f"{done:,} rows"]
    if speed:
        parts.append(f"{speed:,.1f} rows/s" if speed < 10 else f"{speed:,.0f} rows/s")
        parts += [f"{duration((total - done) / speed)} left"] if total > done else []
    parts += [f"{report.rejected:,} set aside"] if report.rejected else []
    return "; ".join([f"{name}: {', '.join(parts)}", *(usage_line(resource, usage) for resource, usage in report.usage.items())])


def usage_line(resource: str, usage: Usage) -> str:
    """What a model cost so far: "llm: 118 calls, 2 cached, 45,210 tokens, $0.0123"."""
    parts = [
        f"{usage.calls:,} calls",
        *([f"{usage.cached:,} cached"] if usage.cached else []),
        *([f"{usage.failed:,} failed"] if usage.failed else []),
    ]
    if tokens := usage.prompt_tokens + usage.completion_tokens:
        parts.append(f"{tokens:,} tokens")
    parts += [f"${usage.cost_usd:,.4f}"] if usage.cost_usd is not None else []
    return f"{resource}: {', '.join(parts)}" + (f" ({usage.model})" if usage.model else "")


def duration(seconds: float) -> str:
    """ "0.4 s", "12 s", "3 min 35 s", "2 h 5 min"."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < MINUTE:
        return f"{seconds:.0f} s"
    if seconds < HOUR:
        return f"{seconds // MINUTE:.0f} min {seconds % MINUTE:.0f} s"
    return f"{seconds // HOUR:,.0f} h {seconds % HOUR // MINUTE:.0f} min"


def _what(report: Report, kind: str) -> str:
    if kind == "source":
        return f"read {report.rows_out:,} rows"
    rows_in = " and ".join(f"{rows:,}" for rows in (report.rows_in, *(table.rows for table in report.other_tables.values())))
    if kind == "generate" and report.rows_out != report.rows_in:
        return f"made {report.rows_out:,} rows of {rows_in}"
    if report.other_tables:
        return f"brought {rows_in} rows together to {report.rows_out:,}"
    share = f" ({report.rows_out / report.rows_in:.1%})" if report.rows_in and report.rows_out != report.rows_in else ""
    return f"kept {report.rows_out:,} of {report.rows_in:,} rows{share}"
