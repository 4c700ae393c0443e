"""What is installed from a wheel has all that a checkout has: templates, tables, words, scripts."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from setuptools.command.build_py import build_py  # type: ignore[import-untyped]
from setuptools.dist import Distribution  # type: ignore[import-untyped]

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("geodata", "stations", "web", "scripts")
OF_THE_CHECKOUT = {
    *("scripts/bench", "scripts/check", "scripts/demo", "scripts/screenshots", "scripts/setup.sh"),
    *("scripts/test", "scripts/trial", "scripts/words"),
}
"""What works on the checkout only; so do the README's pictures."""
PICTURES = "web/screenshots/"


@pytest.fixture
def packed(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Give the files a wheel would have, as setuptools lists them."""
    monkeypatch.chdir(ROOT)
    found = Distribution({"script_name": "pyproject.toml"})
    found.parse_config_files()
    command = build_py(found)
    command.ensure_finalized()
    modules = {Path(file) for *_, file in command.find_all_modules()}
    data = {
        Path(folder, name)
        for _, folder, _, names in command.get_data_files_without_manifest()
        for name in names
    }
    return {path.as_posix() for path in modules | data}


def test_a_wheel_has_all_that_a_checkout_has(packed: set[str]) -> None:
    asked = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", *PACKAGES]
    run = subprocess.run(asked, cwd=ROOT, capture_output=True, check=False, text=True)
    if run.returncode:
        pytest.skip("no checkout")
    there = {name for name in run.stdout.split("\0") if name and (ROOT / name).exists()}
    lacking = {name for name in there - packed if not name.startswith(PICTURES)}
    assert lacking == OF_THE_CHECKOUT
    assert packed <= there
