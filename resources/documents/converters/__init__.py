"""One module a format. Each defines `convert(content, kind, name, options) -> Document` and raises Stopped where there is no document.

What takes time once a process (imports, models) stands in `prepare(options)`, where there is any: its time is not the file's.
"""
