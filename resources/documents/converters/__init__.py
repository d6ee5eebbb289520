"""One module a format. Each defines `convert(content, kind, name, options) -> Document` and raises Stopped where there is no document."""
