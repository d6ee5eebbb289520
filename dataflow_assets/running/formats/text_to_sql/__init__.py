"""Questions with their SQL and the databases that they are about, as Spider and BIRD lay them out."""

from dataflow_assets.running.formats.text_to_sql.questions import question_columns
from dataflow_assets.running.formats.text_to_sql.writing import write_questions

__all__ = ["question_columns", "write_questions"]
