"""Knowledge graphs from texts: relations with their quotes, entities that are the same, and paths over several texts."""
