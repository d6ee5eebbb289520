"""Text. Its folders are the tasks that users have: cleaning, rules, language, duplicates, and so on. The guide is docs/text.md."""
