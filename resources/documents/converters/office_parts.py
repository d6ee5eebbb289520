"""The parts of an office file and how they refer to each other."""

from __future__ import annotations

import posixpath
from xml.etree.ElementTree import Element
from zipfile import ZipFile

from operators.document_model.blocks import one_line
from resources.documents.archives import read_part
from resources.documents.converters.xml_parts import attribute, local, parse_xml
from resources.documents.stopped import Stopped


class OfficeParts:
    """Reads parts when they are asked for. Nothing outside the archive is ever looked at."""

    def __init__(self, archive: ZipFile) -> None:
        self._archive = archive
        self._names = {name.lower(): name for name in archive.namelist()}

    def root(self, path: str) -> Element:
        """Raises Stopped: the part is not there, or no sound XML."""
        return parse_xml(read_part(self._archive, self._names.get(path.lower(), path)), path)

    def main(self, kind: str) -> str:
        """The path of the main part. Raises Stopped: there is none."""
        for target in self._relations("").values():
            if target[0].endswith("/officeDocument"):
                return target[1]
        found = next((name for name in self._names.values() if name.endswith(f"/{kind}.xml")), None)
        if found is None:
            raise Stopped("damaged", f"the file has no {kind}.xml")
        return found

    def related(self, path: str, kind: str) -> Element | None:
        """The first part of a kind ("styles", "footnotes") that a part refers to."""
        for relation, target in self._relations(path).values():
            if relation.rpartition("/")[2] == kind and target.lower() in self._names:
                return self.root(target)
        return None

    def targets(self, path: str) -> dict[str, str]:
        """Id of a relation -> path of the part, or address outside."""
        return {name: target for name, (_, target) in self._relations(path).items()}

    def target_of_kind(self, path: str, kind: str) -> list[str]:
        return [target for relation, target in self._relations(path).values() if relation.rpartition("/")[2] == kind]

    def title(self) -> str:
        if (name := self._names.get("docprops/core.xml")) is None:
            return ""
        try:
            root = self.root(name)
        except Stopped:
            return ""
        return next((one_line(one.text or "") for one in root.iter() if local(one) == "title"), "")

    def _relations(self, path: str) -> dict[str, tuple[str, str]]:
        folder, file = posixpath.split(path)
        name = self._names.get(posixpath.join(folder, "_rels", f"{file}.rels").lower())
        if name is None:
            return {}
        found = {}
        for one in self.root(name):
            target = attribute(one, "Target")
            if attribute(one, "TargetMode") != "External":
                target = posixpath.normpath(posixpath.join("/" + folder, target)).lstrip("/")
            found[attribute(one, "Id")] = (attribute(one, "Type"), target)
        return found
