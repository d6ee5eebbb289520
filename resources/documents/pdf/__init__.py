"""The layout of PDF pages: from characters with boxes to blocks in reading order."""
