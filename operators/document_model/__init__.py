"""What operators see of documents: blocks in reading order, Markdown of them and back, and the protocol that converters keep."""
