"""The statements of the README are true."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from tests.slowing import PATIENCE

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_python_example_prints_a_line_per_epoch():
    example = re.search(r"```python\n(.*?)```", README, re.DOTALL)
    assert example
    assert len(example[1].strip().splitlines()) <= 10
    result = subprocess.run(
        [sys.executable, "-c", example[1]], capture_output=True, text=True, timeout=120 * PATIENCE, check=False
    )
    assert result.returncode == 0, result.stderr
    lines = result.stdout.strip().splitlines()
    assert len(lines) == 21, "one line before the first epoch and one after each of 20"
    last = re.fullmatch(r"epoch 20 +training ([\d.]+)% +validation ([\d.]+)% +penalty [\d.]+", lines[-1])
    assert last
    assert float(last[2]) > 70


def test_ci_runs_the_test_command_of_the_readme():
    commands = re.findall(r"```bash\n(.*?)\n```", README, re.DOTALL)
    assert 'pip install -e ".[test]" && pytest' in commands
    assert "pip install -e . && streamlit run dashboard/app.py" in commands
    assert "command='pip install -e \".[test]\" && pytest'" in (ROOT / ".ci" / "run").read_text()


def test_every_file_that_the_docs_link_to_exists():
    for page in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
            if "://" not in target:
                assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_every_dependency_has_a_comment_with_its_reason():
    lines = (ROOT / "pyproject.toml").read_text().splitlines()
    tables = [i for i, line in enumerate(lines) if re.match(r"(dependencies|test|dev) = \[", line)]
    for start in tables:
        for line in lines[start + 1 : lines.index("]", start)]:
            if line.startswith("    # "):  # a reason of more than one line
                continue
            assert re.match(r' +"[^"]+", +# \w|    "regscope\[', line), line
