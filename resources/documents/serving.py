"""Converting files: which, by whom, and what was converted already."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path, PurePosixPath
from typing import Final

from operators.document_model.conversion import Conversion, NotConverted, Source
from operators.document_model.pictures import PictureForm, PictureResult
from operators.web.fetching import Web
from operators.web.page import NotFetched
from resources.documents.cache import ConversionCache, key_of
from resources.documents.encodings import as_declared
from resources.documents.files import read_file
from resources.documents.kinds import TEXTS, kind_of
from resources.documents.pictures.beside import picture_beside
from resources.documents.registry import entry_for, what_is_missing
from resources.documents.settings import DocumentSettings
from resources.documents.stopped import Stopped
from resources.documents.workers.messages import Task, Wanted
from resources.documents.workers.pool import Pool
from resources.warehouse import local_folder, warehouse_root

CACHE_FILE: Final = Path(".documents") / "conversions.sqlite"
PICTURE_MODULES: Final = {"pdf": "of_pdf", "docx": "of_archive", "pptx": "of_archive", "epub": "of_archive"}
"""Format -> module of `resources.documents.pictures` that runs in a worker process. Pictures of other formats are files beside them."""
_MOST_PROCESSES: Final = 4
_OF_THE_WHOLE_FILE: Final = ("time limit", "encrypted", "refused", "page limit")
""""damaged" and "memory limit" may be of one picture."""


class Documents:
    """Keeps `operators.document_model.serving.DocumentServing`. For any number of threads."""

    def __init__(self, settings: DocumentSettings, web: Web | None = None) -> None:
        self.settings = settings
        self._web = web
        self.converted = 0
        """Files that were converted, and not taken from the cache."""
        self._roots = settings.roots()
        self._options = settings.options
        self._pool = Pool(settings.at_once, int(settings.answer_megabytes * 1e6))
        self._lock = threading.Lock()
        self._cache: ConversionCache | None = None

    def convert(self, source: Source) -> Conversion:
        try:
            content, name = self._content(source)
            return self._converted(content, name)
        except Stopped as stopped:
            return NotConverted(stopped.cause, str(stopped))

    def convert_all(self, sources: Iterable[Source]) -> Iterator[Conversion]:
        """Answers in order. At most twice as many files as there are processes are in memory at once."""
        with ThreadPoolExecutor(self.settings.at_once, thread_name_prefix="documents") as threads:
            waiting: deque[Future[Conversion]] = deque()
            for source in sources:
                waiting.append(threads.submit(self.convert, source))
                if len(waiting) >= 2 * self.settings.at_once:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()

    def pictures(self, source: Source, targets: Sequence[str], form: PictureForm) -> list[PictureResult]:
        """A file whose process dies over one picture is given another process for the next, a few times."""
        try:
            content, name = self._content(source)
            kind = self._kind(content, name)
        except Stopped as stopped:
            return [NotConverted(stopped.cause, str(stopped))] * len(targets)
        if (module := PICTURE_MODULES.get(kind)) is None:
            return [picture_beside(source, target, self._roots, form) for target in targets]
        if kind == "pdf" and (missing := what_is_missing(entry_for(kind, {}))) is not None:
            return [missing] * len(targets)
        made: list[PictureResult] = []
        processes = 0
        while len(made) < len(targets):
            task = Task(kind, module, "", name, self._options, Wanted(tuple(targets[len(made) :]), form))
            more, why = self._pool.pictures(task, content)
            made += more
            processes += 1
            if why is not None:
                given_up = why.cause in _OF_THE_WHOLE_FILE or processes == _MOST_PROCESSES
                made += [why] * (len(targets) - len(made) if given_up else 1)
        return made

    def workers(self) -> list[int]:
        """The ids of the processes that wait for files."""
        return self._pool.process_ids()

    def close(self) -> None:
        """End the processes, and let go of the cache."""
        self._pool.close()
        with self._lock:
            if self._cache is not None:
                self._cache.close()
                self._cache = None

    def _content(self, source: Source) -> tuple[bytes, str]:
        """The bytes of a file, and its name. Raises Stopped."""
        most = int(self.settings.megabytes * 1e6)
        if source.content is not None:
            if len(source.content) > most:
                raise Stopped("size limit", f"it has {len(source.content) / 1e6:,.0f} MB, and {most / 1e6:,.0f} MB are allowed")
            return source.content, source.path
        if not source.is_address:
            return read_file(source.path, self._roots, most), source.path
        page = self._opened_web().fetch(source.path)
        if isinstance(page, NotFetched):
            raise Stopped("not fetched", page.reason)
        if len(page.content) > most:
            raise Stopped("size limit", f"it has {len(page.content) / 1e6:,.0f} MB, and {most / 1e6:,.0f} MB are allowed")
        is_text = kind_of(page.content, page.final_url) in TEXTS
        return as_declared(page.content, page.charset) if is_text else page.content, page.final_url

    def _opened_web(self) -> Web:
        """What fetches pages, opened when the first address is met. Raises Stopped: the settings forbid it."""
        if not self.settings.web:
            raise Stopped("not fetched", "the setting web is false: addresses are not fetched")
        with self._lock:
            if self._web is None:
                from resources.web import open_web

                self._web = open_web()
            return self._web

    def _kind(self, content: bytes, name: str) -> str:
        """The format. Raises Stopped: nobody reads it."""
        kind = kind_of(content, name)
        if kind == "zip":
            from resources.documents.archives import kind_of_archive

            kind = kind_of_archive(content, self._options)
        return kind

    def _converted(self, content: bytes, name: str) -> Conversion:
        kind = self._kind(content, name)
        entry = entry_for(kind, self._options.converters)
        if (missing := what_is_missing(entry)) is not None:
            return missing
        if kind == "image" and entry.name == "ocr" and not self._options.ocr:
            return NotConverted("no text layer", "the file is a picture: set ocr: true (DATAFLOW_DOCUMENTS_OCR=1) to read it")
        suffix = PurePosixPath(name.replace("\\", "/")).suffix.lower()[:12] if kind in ("text", "csv") else ""
        key = key_of(content, suffix, kind, entry.identity, self._options)
        cache = self._opened_cache()
        if cache is not None and (kept := cache.get(key)) is not None:
            return kept
        with self._lock:
            self.converted += 1
        conversion = self._pool.do(Task(kind, entry.module, entry.identity, name, self._options), content)
        if cache is not None:
            cache.put(key, conversion)
        return conversion

    def _opened_cache(self) -> ConversionCache | None:
        if not self.settings.cache:
            return None
        with self._lock:
            if self._cache is None:
                chosen = self.settings.cache_path
                self._cache = ConversionCache(Path(chosen).expanduser() if chosen else local_folder(warehouse_root()) / CACHE_FILE)
            return self._cache
