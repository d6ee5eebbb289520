"""A model is a name of the catalogue, the path of any GGUF file, or a file of the hub."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import gguf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from operators.asking.answers import ServingStopped
from resources import models
from resources.llm import LLMSettings, open_serving
from resources.models.gguf_header import GgufHeader, read_header
from tests.resources.fetching.web_server import WebServer, serving
from tests.resources.models.tiny_gguf import write_gguf

NAME = "hf:some-one/Some-Model-GGUF/some-model-q4.gguf"
ADDRESS = "/some-one/Some-Model-GGUF/resolve/main/some-model-q4.gguf"


@pytest.fixture
def gguf_file(tmp_path: Path) -> Path:
    return write_gguf(tmp_path / "some-model.gguf")


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, gguf_file: Path) -> Iterator[WebServer]:
    """A hub that keeps its files on another host, as the real one does."""
    content = gguf_file.read_bytes()
    server = WebServer(files={"/stored": content})
    with serving(server):
        server.redirects = {ADDRESS: f"{server.other_name}/stored"}
        server.headers = {ADDRESS: {"X-Linked-Size": str(len(content)), "X-Linked-Etag": f'"{hashlib.sha256(content).hexdigest()}"'}}
        monkeypatch.setenv("HF_ENDPOINT", server.address)
        monkeypatch.setenv("HF_TOKEN", "secret-token")
        monkeypatch.setenv("HF_HOME", str(tmp_path / "hub-cache"))
        monkeypatch.setenv("DATAFLOW_MODELS", str(tmp_path / "cache"))
        yield server


def test_a_file_of_the_user_is_a_model_of_that_name(gguf_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(gguf_file.parent)
    found = models.find("some-model.gguf")
    assert (found.name, found.path, found.use, found.caution) == ("some-model.gguf", gguf_file, "language", "")
    assert found.sha256 == hashlib.sha256(gguf_file.read_bytes()).hexdigest()
    assert models.get("./some-model.gguf") == gguf_file


def test_a_model_without_a_chat_template_comes_with_a_caution(tmp_path: Path) -> None:
    base = write_gguf(tmp_path / "base.gguf", template=None)
    assert "no chat template" in models.find(str(base)).caution


def test_files_of_the_user_are_never_removed(gguf_file: Path) -> None:
    with pytest.raises(models.ModelError, match="a file of your own"):
        models.remove(str(gguf_file))
    assert gguf_file.exists()


def test_a_model_in_several_files_needs_them_all_and_depends_on_them_all(tmp_path: Path) -> None:
    first = write_gguf(tmp_path / "big-00001-of-00002.gguf", splits=2)
    with pytest.raises(models.ModelError, match=r"first of 2 files .* lacks big-00002-of-00002\.gguf"):
        models.find(str(first))
    second = write_gguf(tmp_path / "big-00002-of-00002.gguf", splits=2)
    before = models.find(str(first)).sha256
    write_gguf(second, splits=2, weights=17)
    assert models.find(str(first)).sha256 != before


def test_what_is_no_model_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "text.gguf").write_text("a text, and long enough for a header of a model")
    with pytest.raises(models.ModelError, match="cannot be read as a model in GGUF"):
        models.find(str(tmp_path / "text.gguf"))
    with pytest.raises(models.ModelError, match="there is no file"):
        models.find(str(tmp_path / "absent.gguf"))


def test_a_file_of_which_the_end_is_missing_is_said_to_be_cut(tmp_path: Path) -> None:
    whole = write_gguf(tmp_path / "whole.gguf", weights=4096)
    content = whole.read_bytes()
    cut = tmp_path / "cut.gguf"
    for size in (len(content) - 4096 * 4, 100):
        cut.write_bytes(content[:size])
        with pytest.raises(models.ModelError, match=r"cut\.gguf (is not whole: it has .* bytes|cannot be read as a model in GGUF.*\.$)"):
            models.find(str(cut))
    first, second = (write_gguf(tmp_path / f"big-0000{number}-of-00002.gguf", splits=2) for number in (1, 2))
    second.write_bytes(second.read_bytes()[:-64])  # 16 numbers of 4 bytes
    with pytest.raises(models.ModelError, match=r"big-00002-of-00002\.gguf is not whole"):
        models.find(str(first))


@pytest.mark.parametrize(
    ("architecture", "pooling", "use"),
    [
        ("nomic-bert", 0, "embedding"),
        ("qwen3", gguf.PoolingType.LAST, "embedding"),
        ("gemma-embedding", gguf.PoolingType.MEAN, "embedding"),
        ("t5encoder", 0, "embedding"),
        ("qwen3", gguf.PoolingType.NONE, "language"),
        ("llama", 0, "language"),
    ],
)
def test_a_model_that_was_made_to_embed_texts_is_known_by_its_header(tmp_path: Path, architecture: str, pooling: int, use: str) -> None:
    file = write_gguf(tmp_path / "some.gguf", architecture=architecture, pooling=pooling)
    assert models.find(str(file)).use == use
    if use == "embedding":
        with pytest.raises(ServingStopped, match="makes vectors, not answers"):
            open_serving(LLMSettings(provider="embedded", model=str(file)))


def test_the_header_tells_context_and_memory(gguf_file: Path) -> None:
    bytes_a_token = 4 * 2 * (8 + 8) * 2  # layers, heads of keys and values, width of both, bytes of a number
    assert read_header(gguf_file) == GgufHeader("llama", 2048, bytes_a_token, True, "apache-2.0", 1)


@given(data=st.data())
def test_a_damaged_header_is_an_error_of_ours_or_read(data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.getbasetemp()
    whole = folder / "whole.gguf"
    content = bytearray((whole if whole.exists() else write_gguf(whole)).read_bytes())
    at = data.draw(st.integers(0, len(content) - 1))
    content[at] = data.draw(st.integers(0, 255))
    damaged = folder / "damaged.gguf"
    damaged.write_bytes(content[: data.draw(st.integers(1, len(content)))])
    with suppress(models.ModelError):
        read_header(damaged)


def test_a_file_of_the_hub_is_fetched_and_checked_by_what_the_hub_says_of_it(hub: WebServer, gguf_file: Path) -> None:
    with pytest.raises(models.ModelMissing, match=f"run `dataflow models get {NAME}`"):
        models.find(NAME)
    assert models.get(NAME).read_bytes() == gguf_file.read_bytes()
    found = models.find(NAME)
    assert (found.name, found.sha256) == ("some-model-q4.gguf", hashlib.sha256(gguf_file.read_bytes()).hexdigest())
    count = len(hub.asked)
    models.get(NAME)
    assert len(hub.asked) == count, "what is here is not asked for"
    assert models.remove(NAME) == gguf_file.stat().st_size


def test_the_token_of_the_hub_does_not_reach_where_the_file_is_stored(hub: WebServer) -> None:
    models.get(NAME)
    assert {headers.get("Authorization") for headers in hub.asked_for(ADDRESS)} == {"Bearer secret-token"}
    assert [headers.get("Authorization") for headers in hub.asked_for("/stored")] == [None]


def test_a_file_that_is_not_what_the_hub_says_is_not_kept(hub: WebServer) -> None:
    hub.headers[ADDRESS]["X-Linked-Etag"] = "0" * 64
    with pytest.raises(models.ModelError, match="sha256 is"):
        models.get(NAME)
    with pytest.raises(models.ModelMissing):
        models.find(NAME)


def test_a_hub_that_does_not_say_the_digest_is_not_fetched_from(hub: WebServer) -> None:
    hub.headers.clear()
    with pytest.raises(models.ModelError, match="does not say its size and sha256"):
        models.get(NAME)
    assert not hub.asked_for("/stored")


def test_a_copy_in_the_hubs_own_cache_is_taken_first(hub: WebServer, gguf_file: Path, tmp_path: Path) -> None:
    copy = tmp_path / "hub-cache" / "hub" / "models--some-one--Some-Model-GGUF" / "snapshots" / "abc" / "some-model-q4.gguf"
    copy.parent.mkdir(parents=True)
    copy.write_bytes(gguf_file.read_bytes())
    models.get(NAME)
    assert not hub.asked_for("/stored")


def test_a_file_of_the_hub_that_the_catalogue_has_is_that_model(hub: WebServer) -> None:
    with pytest.raises(models.ModelMissing, match="491 MB"):
        models.find("hf:Qwen/Qwen2.5-Coder-0.5B-Instruct-GGUF/qwen2.5-coder-0.5b-instruct-q4_k_m.gguf")
    assert not hub.asked


@pytest.mark.parametrize("wrong", ["hf:", "hf:only/two", "hf:a/b/../../c.gguf", "hf:a/b/c d.gguf"])
def test_what_is_no_file_of_the_hub_is_refused(wrong: str) -> None:
    with pytest.raises(models.ModelError, match="is not OWNER/REPO/FILE"):
        models.get(wrong)


def test_one_of_several_files_is_not_fetched_alone() -> None:
    with pytest.raises(models.ModelError, match="one of several files"):
        models.get("hf:a/b/big-00001-of-00003.gguf")
