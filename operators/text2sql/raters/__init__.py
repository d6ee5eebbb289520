"""Whether question and query belong together, and how hard a question is to answer."""
