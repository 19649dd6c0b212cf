"""Every page of documentation does what it says: its fences run, in order."""

from __future__ import annotations

from contextlib import chdir
from pathlib import Path
from subprocess import CalledProcessError
from typing import TYPE_CHECKING

import pytest
from django.conf import settings

from tests.docs.fences import FenceError, opened
from tests.docs.page_browser import ScriptError

if TYPE_CHECKING:
    from _pytest.mark import ParameterSet

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])

pytestmark = pytest.mark.django_db(transaction=True)


def evaluate(page: Path, folder: Path) -> None:
    """Run every fence of a page; the files that it writes stay in the folder."""
    with chdir(folder), opened(page, folder) as document:
        for example in document:
            example.evaluate()


def case(page: Path) -> ParameterSet:
    """A page as a parameter; one with JavaScript says that it needs a browser."""
    marks = [pytest.mark.browser] if "```javascript" in page.read_text(encoding="utf-8") else []
    return pytest.param(page, id=str(page.relative_to(ROOT)), marks=marks)


@pytest.mark.parametrize("page", [case(page) for page in PAGES])
def test_every_fence_of_the_page_runs(page: Path, tmp_path: Path) -> None:
    """A reader who follows the page sees what the page shows."""
    evaluate(page, tmp_path)


FAILING = {
    "an unclaimed language": "```cobol\nSTOP RUN.\n```\n",
    "no language": "```\nwhat is this\n```\n",
    "an unknown directive": "<!-- quietly -->\n```python\n1 / 0\n```\n",
    "Python that raises": "```python\nassert 1 == 2\n```\n",
    "an answer that differs": "```pycon\n>>> 1 + 1\n3\n```\n",
    "output that differs": "```console\n$ echo one\ntwo\n```\n",
    "a command that fails": "```console\n$ false\n```\n",
    "another exit status": "<!-- exit: 3 -->\n```console\n$ false\n```\n",
    "malformed JSON": "```json\n{'a': 1}\n```\n",
    "malformed TOML": "```toml\n[a\n```\n",
    "no such extra": '```console\n$ pip install "jotpass[moon]"\n```\n',
    "no such target": "```console\n$ make coffee\n```\n",
    "no such file": "```console\n$ .venv/bin/pytest tests/no_such_test.py\n```\n",
    "output without a command": "```console\nhello\n```\n",
    "a file outside the folder": "<!-- file: ../x -->\n```python\nx = 1\n```\n",
    "settings that Django refuses": '<!-- settings -->\n```python\nROOT_URLCONF = "no.such.module"\n```\n',
}


@pytest.mark.parametrize("text", FAILING.values(), ids=FAILING.keys())
def test_a_page_that_is_not_true_fails(text: str, tmp_path: Path) -> None:
    """Each way in which a page can be wrong is noticed."""
    page = tmp_path / "page.md"
    page.write_text(text)
    folder = tmp_path / "folder"
    folder.mkdir()
    with pytest.raises((AssertionError, ValueError, ImportError, CalledProcessError)):
        evaluate(page, folder)


FAILING_SCRIPTS = {
    "a module that throws": "throw new Error('no');",
    "a module that is none": "const = ;",
    "an import of nothing": "import './no-such-file.js';",
    "an assertion": "console.assert(1 === 2, 'no');",
    "a rejection that nobody catches": (
        "Promise.reject(new Error('no')); await new Promise((done) => setTimeout(done));"
    ),
}


@pytest.mark.browser
@pytest.mark.parametrize("script", FAILING_SCRIPTS.values(), ids=FAILING_SCRIPTS.keys())
def test_a_script_that_fails_is_noticed(script: str, tmp_path: Path) -> None:
    """A `javascript` fence is run by a browser, to its end."""
    page = tmp_path / "page.md"
    page.write_text(f"```javascript\n{script}\n```\n")
    folder = tmp_path / "folder"
    folder.mkdir()
    with pytest.raises(ScriptError):
        evaluate(page, folder)


@pytest.mark.browser
def test_scripts_share_files_and_a_window(tmp_path: Path) -> None:
    """A module may import the page's files, and what it leaves behind is there for the next one."""
    page = tmp_path / "page.md"
    page.write_text(
        "<!-- file: count.js -->\n```javascript\nexport const counted = { times: 0 };\n```\n"
        "```javascript\nimport { counted } from './count.js';\ncounted.times += 1;\n```\n"
        "```python\nfrom django.contrib.auth import get_user_model\n\n"
        "assert get_user_model().objects.count() == 0\n```\n"
        "```javascript\nimport { counted } from './count.js';\n"
        "if (counted.times !== 1) throw new Error(`${counted.times}`);\n```\n"
    )
    folder = tmp_path / "folder"
    folder.mkdir()
    evaluate(page, folder)


def test_a_fence_that_nobody_claims_is_named(tmp_path: Path) -> None:
    """The error says which language it is about."""
    page = tmp_path / "page.md"
    page.write_text("```cobol\nSTOP RUN.\n```\n")
    with pytest.raises(FenceError, match="cobol"):
        evaluate(page, tmp_path)


LISTENING = """
import http.server
port = int("127.0.0.1:8000".partition(":")[2])
server = http.server.HTTPServer(("127.0.0.1", port), http.server.BaseHTTPRequestHandler)
print(f"ready at http://127.0.0.1:{port}", flush=True)
server.serve_forever()
""".strip().replace("\n", "; ")


def test_a_page_shares_files_variables_and_names(tmp_path: Path) -> None:
    """What one fence leaves behind, the next ones find."""
    page = tmp_path / "page.md"
    page.write_text(
        "<!-- file: app/hello.py -->\n```python\nprint('hello', end=' ')\n```\n"
        "<!-- append: app/hello.py -->\n```python\nprint('world')\n```\n"
        "```console\n$ cd app\n$ WHO=$(python hello.py)\n```\n"
        '```console\n$ echo "$WHO," \\\n> again\nhello ..., again\n```\n'
        "```python\nanswer = 42\n```\n"
        "```pycon\n>>> answer\n42\n```\n"
        "<!-- background: ready at http://127.0.0.1:8000 -->\n"
        f"```console\n$ python -c '{LISTENING}'\n```\n"
        "<!-- exit: 3 -->\n```console\n$ true\n$ exit 3\n```\n"
    )
    folder = tmp_path / "folder"
    folder.mkdir()
    evaluate(page, folder)


def test_settings_and_urls_last_until_the_page_ends(tmp_path: Path) -> None:
    """A page may configure Django and call its own URLs, and leaves no trace."""
    page = tmp_path / "page.md"
    page.write_text(
        '<!-- settings -->\n```python\nLANGUAGE_CODE = "de"\n```\n'
        "<!-- urls -->\n```python\nfrom django.http import HttpResponse\nfrom django.urls import path\n\n"
        'urlpatterns = [path("hello/", lambda request: HttpResponse("hello"))]\n```\n'
        "```python\nfrom django.conf import settings\nfrom django.test import Client\n\n"
        'assert settings.LANGUAGE_CODE == "de"\n'
        'assert Client().get("/hello/").content == b"hello"\n```\n'
    )
    evaluate(page, tmp_path)
    assert settings.LANGUAGE_CODE != "de"
