"""Rules about single files: each takes a module and gives a sentence for everything it finds."""

import ast
import io
import re
import tokenize
from collections.abc import Callable, Iterator

from tests.architecture.source import Module, last_name, names_in

Rule = Callable[[Module], Iterator[str]]

MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 50

_TASK_STARTERS = {"create_task", "ensure_future", "TaskGroup", "create_task_group"}
_TASK_FILES = ("app/core/supervisor.py", "sandbox/world/tasks.py")
_CLOCK_FILES = ("app/core/clock.py", "sandbox/world/clock.py")
_CLOCK_READERS = {
    "datetime": {"now", "utcnow", "today"},
    "date": {"today"},
    "time": {"time", "time_ns", "gmtime", "localtime"},
    "func": {"now", "current_timestamp", "statement_timestamp", "clock_timestamp"},
}
_SQL_CLOCK = re.compile(r"\bnow\(\)|\bcurrent_timestamp\b|\bclock_timestamp\(", re.IGNORECASE)
_COMMIT_FILES = ("app/db/unit_of_work.py",)
_MONEY_PLACES = ("app/core/money.py", "app/domain/", "app/services/", "app/db/models/")
_MONEY_WORDS = re.compile(r"minor|amount|price|balance|money|cost|total|paid|fee", re.IGNORECASE)
_DURATION = re.compile(r"_seconds$", re.IGNORECASE)

# Each stood beside the word that names and texts have for the same thing. Two words for one thing
# make a search miss, and a reader ask whether they differ. Text in backquotes is free.
_BANNED_WORDS = {
    r"persons?|people": "user, operator",
    r"letters?": "notification",
    r"tells?|telling|told|hears?|heard": "sends, notifies, says, reads",
    r"whoever": "the user who, the code that",
    r"ways? to pay": "payment method",
    r"forsake\w*|visit\w*|wounds?|shelf|shelves": "a plainer word",
}

_Function = ast.FunctionDef | ast.AsyncFunctionDef
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def tasks_start_in_the_supervisor(module: Module) -> Iterator[str]:
    if module.is_in(*_TASK_FILES):
        return
    for node in ast.walk(module.tree):
        named = [alias.name for alias in node.names] if isinstance(node, ast.ImportFrom) else []
        for name in _TASK_STARTERS.intersection([_own_name(node), *named]):
            yield module.at(node, f"{name}: only the supervisor starts tasks")


def _own_name(node: ast.AST) -> str:
    return last_name(node) if isinstance(node, ast.Attribute | ast.Name) else ""


def the_clock_is_read_in_one_place(module: Module) -> Iterator[str]:
    if module.is_in(*_CLOCK_FILES):
        return
    prose = {node.value for node in ast.walk(module.tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Attribute):
            owner = last_name(node.value)
            if node.attr in _CLOCK_READERS.get(owner, ()):
                yield module.at(node, f"{owner}.{node.attr}: ask app.core.clock")
        elif isinstance(node, ast.ImportFrom) and node.module == "time":
            yield module.at(node, "from time import: write time.monotonic, so that it is seen")
        elif node not in prose and _says_sql_clock(node):
            yield module.at(node, "the database's clock knows no sandbox offset: pass the instant")


def _says_sql_clock(node: ast.AST) -> bool:
    text = node.value if isinstance(node, ast.Constant) else None
    return isinstance(text, str) and bool(_SQL_CLOCK.search(text))


def only_the_unit_of_work_commits(module: Module) -> Iterator[str]:
    if module.is_in(*_COMMIT_FILES):
        return
    for node in ast.walk(module.tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        owner = last_name(node.func.value)
        begins = node.func.attr == "begin" and re.search("session|engine|connection", owner)
        if node.func.attr in {"commit", "rollback"} or begins:
            yield module.at(node, f"{owner}.{node.func.attr}(): only unit_of_work() commits")


def money_is_no_float(module: Module) -> Iterator[str]:
    """Find `float`, its literals, and true division of money, except where a duration stands."""
    if not module.is_in(*_MONEY_PLACES):
        return
    durations = {part for node in _duration_nodes(module.tree) for part in ast.walk(node)}
    for node in ast.walk(module.tree):
        if node in durations:
            continue
        if isinstance(node, ast.Name) and node.id in {"float", "Float"}:
            yield module.at(node, "float near money: Decimal, or int in minor units")
        elif isinstance(node, ast.Constant) and isinstance(node.value, float):
            yield module.at(node, f"{node.value} is a float: Decimal, or int in minor units")
        elif _divides_money(node):
            yield module.at(node, "/ makes a float of two ints: divmod says where the rest goes")


def _divides_money(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.BinOp)
        and isinstance(node.op, ast.Div)
        and any(_MONEY_WORDS.search(name) for name in names_in(node))
    )


def _duration_nodes(tree: ast.AST) -> Iterator[ast.AST]:
    """Give what is called ..._seconds, and what becomes a timedelta."""
    for node in ast.walk(tree):
        is_duration = (
            (isinstance(node, ast.Call) and last_name(node) == "timedelta")
            or (isinstance(node, ast.keyword | ast.arg) and _DURATION.search(node.arg or ""))
            or (isinstance(node, ast.AnnAssign) and _DURATION.search(last_name(node.target)))
            or (isinstance(node, ast.Assign) and _DURATION.search(last_name(node.targets[0])))
        )
        if is_duration:
            yield node
        if isinstance(node, _FUNCTIONS) and _DURATION.search(node.name) and node.returns:
            yield node.returns


def relationships_never_load_by_themselves(module: Module) -> Iterator[str]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and last_name(node) == "relationship":
            lazy = [word.value for word in node.keywords if word.arg == "lazy"]
            if [getattr(value, "value", None) for value in lazy] != ["raise"]:
                yield module.at(node, 'relationship() without lazy="raise"')


def modules_say_why_they_exist(module: Module) -> Iterator[str]:
    if not (ast.get_docstring(module.tree) or "").strip():
        yield module.at(module.tree, "no docstring that says why this module exists")


def prose_uses_the_fields_words(module: Module) -> Iterator[str]:
    """Docstrings and comments; a docstring is found at its definition's line."""
    if not module.is_in("app/"):
        return
    documented = ast.Module | ast.ClassDef | _Function
    docstrings = [node for node in ast.walk(module.tree) if isinstance(node, documented)]
    prose: list[tuple[int, str]] = [
        (getattr(node, "lineno", 1), ast.get_docstring(node) or "") for node in docstrings
    ]
    tokens = tokenize.generate_tokens(io.StringIO(module.text).readline)
    prose += [(token.start[0], token.string) for token in tokens if token.type == tokenize.COMMENT]
    for line, text in prose:
        free = re.sub("`[^`]*`", "", text)
        for words, instead in _BANNED_WORDS.items():
            for found in re.findall(rf"\b(?:{words})\b", free, re.IGNORECASE):
                yield f"{module.path}:{line}: {found}; instead: {instead}"


def files_stay_small(module: Module) -> Iterator[str]:
    lines = len(module.text.splitlines())
    if lines > MAX_FILE_LINES:
        yield module.at(module.tree, f"{lines} lines, {MAX_FILE_LINES} at most")


def functions_stay_small(module: Module) -> Iterator[str]:
    for node in ast.walk(module.tree):
        if isinstance(node, _FUNCTIONS):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > MAX_FUNCTION_LINES:
                yield module.at(node, f"{node.name}: {lines} lines, {MAX_FUNCTION_LINES} at most")


def tests_assert_something(module: Module) -> Iterator[str]:
    for node in ast.walk(module.tree):
        if isinstance(node, _FUNCTIONS) and node.name.startswith("test_") and not _asserts(node):
            yield module.at(node, f"{node.name} asserts nothing")


def _asserts(function: _Function) -> bool:
    for node in ast.walk(function):
        if isinstance(node, ast.Assert):
            return True
        if isinstance(node, ast.Call):
            name = last_name(node).lstrip("_")
            # "expect" is Playwright's own assertion.
            if name in {"raises", "warns", "expect"} or name.startswith(("assert_", "expect_")):
                return True
    return False


SOURCE_RULES: list[Rule] = [
    tasks_start_in_the_supervisor,
    the_clock_is_read_in_one_place,
    only_the_unit_of_work_commits,
    money_is_no_float,
    relationships_never_load_by_themselves,
    modules_say_why_they_exist,
    prose_uses_the_fields_words,
    files_stay_small,
    functions_stay_small,
]
