"""Questions and answers from texts, with the quotes that prove them: made, found, checked and rated."""
