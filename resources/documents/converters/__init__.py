"""One module a format. Each defines `convert(content, kind, name, options) -> Document` and raises Stopped where there is no document.

What takes time once a process (imports, models) stands in `prepare(kind, options)`, where there is any: its time and memory are not the
file's. It raises Stopped where a model is missing.
"""
