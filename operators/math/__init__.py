"""Mathematics and reasoning: questions that are well posed, and answers that are proven."""
