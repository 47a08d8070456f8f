"""Rules of the house that no linter checks."""

import ast
import re
from pathlib import Path

import pytest

from pipeline import errors
from pipeline.wording.corrections import CORRECTIONS
from pipeline.wording.errors import ERRORS, TABLES

CJK = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]")
MAY_HOLD_CHINESE = {"pipeline/wording", "pipeline/go/lexicon.py"}


def modules(root: Path) -> list[Path]:
    return sorted((root / "pipeline").rglob("*.py"))


def strings(path: Path) -> list[tuple[int, str]]:
    """String constants of a module, docstrings left out."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    documentation = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    return [
        (node.lineno, node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation
    ]


def test_chinese_wording_lives_in_one_place(project_root):
    found = [
        f"{path.relative_to(project_root)}:{line} {text!r}"
        for path in modules(project_root)
        if not any(str(path.relative_to(project_root)).startswith(place) for place in MAY_HOLD_CHINESE)
        for line, text in strings(path)
        if CJK.search(text)
    ]
    assert found == []


def test_templates_hold_no_chinese(project_root):
    for path in (project_root / "templates").glob("*.j2"):
        assert not CJK.search(path.read_text(encoding="utf-8")), path.name


@pytest.mark.parametrize(
    ("table", "pattern"),
    [(ERRORS, "Error|AlreadyRunning|Stopped|Terminated|BatchIncomplete"), (CORRECTIONS, "Correction")],
)
def test_every_code_that_is_raised_has_a_text(project_root, table, pattern):
    """A text that is missing would turn a clear message into a KeyError."""
    unknown = []
    for path in modules(project_root):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant)):
                continue
            called = ast.unparse(node.func)
            code = node.args[0].value
            if (
                re.search(rf"(^|\.)({pattern})(\.of)?$|^\w*({pattern})$", called)
                and isinstance(code, str)
                and re.fullmatch(r"[a-z_]+\.[a-z_.0-9]+", code)
            ) and code not in table:
                unknown.append(f"{path.name}:{node.lineno} {code}")
    assert unknown == []


def test_no_error_has_two_texts():
    """Of two tables that name the same code one would silently win."""
    assert sum(len(table) for table in TABLES) == len(ERRORS)


def test_messages_name_something_to_do():
    for code, (message, advice) in ERRORS.items():
        assert message.strip(), code
        assert CJK.search(message), code
        assert CJK.search(advice), code


def test_exit_codes_are_documented(project_root):
    text = (project_root / "docs" / "errors.md").read_text(encoding="utf-8")
    classes = [c for c in vars(errors).values() if isinstance(c, type) and issubclass(c, errors.FupanError)]
    for code in {0, 2, *(c.exit_code for c in classes)}:
        assert re.search(rf"\b{code}\b", text), code


def test_exit_codes_are_stable():
    codes = {
        c.__name__: c.exit_code
        for c in vars(errors).values()
        if isinstance(c, type) and issubclass(c, errors.FupanError)
    }
    assert codes["ConfigError"] == 3
    assert codes["DependencyError"] == 4
    assert codes["EngineError"] == codes["EngineCrashed"] == 5
    assert codes["StoreError"] == 6
    assert codes["BatchIncomplete"] == 7
    assert codes["AlreadyRunning"] == 8
    assert codes["Stopped"] == 130
    assert codes["Terminated"] == 143


def test_dependencies_are_locked(project_root):
    """Every dependency that pyproject names stands in the lock with a hash."""
    import tomllib

    project = tomllib.loads((project_root / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = {
        "runtime": project["project"]["dependencies"],
        "test": project["project"]["dependencies"] + project["dependency-groups"]["test"],
    }
    for lock, requirements in wanted.items():
        text = (project_root / "requirements" / f"{lock}.lock").read_text(encoding="utf-8")
        for requirement in requirements:
            name = re.match(r"[A-Za-z0-9-]+", requirement).group()
            assert re.search(rf"^{name}==\S+.*\\\n    --hash=sha256:", text, re.MULTILINE | re.IGNORECASE), name
