"""Knowledge: from documents' chunks to questions, answers and relations, each with quotes that are proven to stand in their source."""
