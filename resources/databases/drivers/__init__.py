"""One module for each engine. They are imported in worker processes alone, each when the first database of its kind is opened."""
