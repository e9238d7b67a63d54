"""Stack traces: which lines are frames, whose they are, and what a trace says in one line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.pages.logs.trace_view import one_line, parts, parts_within
from webapp.pages.logs.traces import folds, head_of, read_trace

PYTHON = """order 7 failed
Traceback (most recent call last):
  File "/usr/lib/python3.11/site-packages/flask/app.py", line 1484, in full_dispatch_request
    rv = self.dispatch_request()
         ^^^^^^^^^^^^^^^^^^^^^^^
  File "/usr/lib/python3.11/site-packages/flask/app.py", line 1469, in dispatch_request
    return self.ensure_sync(self.view_functions[rule.endpoint])(**view_args)
  File "/srv/shop/cart.py", line 12, in add
    raise ValueError("no such item")
ValueError: no such item"""
JAVA = """java.lang.IllegalStateException: checkout failed
\tat com.zaxxer.hikari.pool.HikariPool.getConnection(HikariPool.java:181)
\tat org.springframework.jdbc.DataSourceUtils.fetch(DataSourceUtils.java:159)
\tat shop.checkout.Orders.place(Orders.java:42)
\tat java.base/java.lang.Thread.run(Thread.java:1583)
Caused by: java.sql.SQLTransientConnectionException: pool exhausted
\tat com.zaxxer.hikari.pool.HikariPool.timeout(HikariPool.java:696)
\t... 47 common frames omitted"""
NODE = """TypeError: Cannot read properties of undefined
    at total (/app/src/cart.js:12:34)
    at Layer.handle [as handle_request] (/app/node_modules/express/lib/router/layer.js:95:5)
    at next (/app/node_modules/express/lib/router/route.js:149:13)
    at process.processTicksAndRejections (node:internal/process/task_queues:95:5)"""
GO = """panic: runtime error: index out of range [3]

goroutine 8817 [running]:
runtime.gopanic({0x1, 0x2})
\t/usr/local/go/src/runtime/panic.go:884 +0x212
runtime.goPanicIndex(0x3, 0x3)
\t/usr/local/go/src/runtime/panic.go:113 +0x7f
shop/inventory.(*Store).Reserve(0xc000, {0x1})
\t/src/inventory/store.go:88 +0x1a4"""
RUST = """thread 'main' panicked at src/main.rs:2:5:
boom
stack backtrace:
   0: rust_begin_unwind
             at /rustc/07dca489/library/std/src/panicking.rs:645:5
   1: core::panicking::panic_fmt
             at /rustc/07dca489/library/core/src/panicking.rs:72:14
   2: pay::charge
             at ./src/main.rs:2:5"""
DOTNET = """System.InvalidOperationException: nope
   at Shop.Orders.OrderService.Place(Order order) in /src/OrderService.cs:line 42
   at Microsoft.AspNetCore.Mvc.Infrastructure.ActionMethodExecutor.Execute()
   at System.Threading.Tasks.Task.Run()"""
PHP = """PHP Fatal error:  Uncaught Exception: x in /var/www/app/a.php:3
Stack trace:
#0 /var/www/vendor/laravel/x.php(12): call()
#1 /var/www/vendor/laravel/y.php(12): call()
#2 /var/www/app/Http/Cart.php(55): add()"""
RUBY = """app/models/cart.rb:10:in `add': no such item (ArgumentError)
\tfrom /usr/lib/ruby/gems/3.2.0/gems/rack-3.0/lib/rack.rb:1:in `call'
\tfrom /usr/lib/ruby/gems/3.2.0/gems/rack-3.0/lib/rack.rb:2:in `call'
\tfrom app/main.rb:5:in `<main>'"""

TRACES = {
    "Python": (PYTHON, "order 7 failed ValueError: no such item", 'File "/srv/shop/cart.py", line 12, in add', 2),
    "JVM": (
        JAVA,
        "java.lang.IllegalStateException: checkout failed Caused by: java.sql.SQLTransientConnectionException: "
        "pool exhausted",
        "at shop.checkout.Orders.place(Orders.java:42)",
        5,
    ),
    "Node": (NODE, "TypeError: Cannot read properties of undefined", "at total (/app/src/cart.js:12:34)", 3),
    "Go": (GO, "panic: runtime error: index out of range [3]", "shop/inventory.(*Store).Reserve(0xc000, {0x1})", 2),
    "Rust": (RUST, "thread 'main' panicked at src/main.rs:2:5: boom", "2: pay::charge", 2),
    ".NET": (
        DOTNET,
        "System.InvalidOperationException: nope",
        "at Shop.Orders.OrderService.Place(Order order) in /src/OrderService.cs:line 42",
        2,
    ),
    "PHP": (
        PHP,
        "PHP Fatal error:  Uncaught Exception: x in /var/www/app/a.php:3",
        "#2 /var/www/app/Http/Cart.php(55): add()",
        2,
    ),
    "Ruby": (RUBY, "", "app/models/cart.rb:10:in `add': no such item (ArgumentError)", 3),
}


@pytest.mark.parametrize("runtime", TRACES)
def test_a_trace_in_one_line_is_what_went_wrong_and_where_in_the_application(runtime: str) -> None:
    text, head, nearest, others = TRACES[runtime]
    assert head_of(read_trace(text)) == (head, nearest, others)


@pytest.mark.parametrize("runtime", TRACES)
def test_the_frames_of_libraries_are_folded_and_those_of_the_application_are_not(runtime: str) -> None:
    text, _head, nearest, _others = TRACES[runtime]
    found = folds(read_trace(text))
    folded = [fold for fold in found if fold.is_folded]
    assert folded
    assert all(len(fold.pieces) >= 2 and nearest not in fold.text for fold in folded)
    assert "\n".join(fold.text for fold in found) == text


@given(st.lists(st.sampled_from([*PYTHON.split("\n"), *JAVA.split("\n"), *GO.split("\n"), "", "\t", "plain"])))
def test_no_line_is_lost_or_told_twice(lines: list[str]) -> None:
    text = "\n".join(lines)
    pieces = read_trace(text)
    if pieces:
        assert "\n".join(piece.text for piece in pieces) == text
        assert "\n".join(fold.text for fold in folds(pieces)) == text
        assert head_of(pieces)[2] == sum(piece.is_frame for piece in pieces) - 1


@pytest.mark.parametrize(
    "text",
    ["", "one line", "a\nb\nc", "1: x\n2: y\n3: z", '{\n\t"a": 1,\n\t"b": 2\n}', "key\n\tvalue\nkey\n\tvalue", "\n\n"],
)
def test_what_only_has_lines_is_no_trace(text: str) -> None:
    assert read_trace(text) == []
    assert one_line(text, [], 600) is None


def test_where_every_frame_is_a_library_s_the_first_one_is_read() -> None:
    text = "boom\n" + "\n".join(f"\tat java.util.List.get{n}(List.java:{n})" for n in range(24))
    shown, folded = folds(read_trace(text))
    assert shown.text == "boom\n\tat java.util.List.get0(List.java:0)"
    assert (folded.is_folded, len(folded.pieces)) == (True, 23)


def test_frames_with_a_hit_of_the_search_are_unfolded() -> None:
    assert [part.is_open for part in parts(PYTHON, []) if part.folded] == [False]
    [opened] = [part for part in parts(PYTHON, ["dispatch_request"]) if part.folded]
    assert opened.is_open
    assert "<mark>dispatch_request</mark>" in opened.text
    assert opened.folded == "+ 2 frames"


def test_markup_in_a_trace_is_text() -> None:
    text = JAVA.replace("checkout failed", "<script>alert(1)</script>").replace("Orders.place", "<b>.x")
    for shown in (str(one_line(text, [], 600)), *(str(part.text) for part in parts(text, []))):
        assert "<script>" not in shown
        assert "<b>" not in shown
    assert "&lt;script&gt;" in str(one_line(text, [], 600))


def test_a_trace_within_a_json_message_is_found_by_its_key() -> None:
    body = '{"msg": "no", "stack<": ' + '"' + NODE.replace("\n", "\\n") + '", "n": 1}'
    assert list(parts_within(body, [])) == ["stack<"]
    for other in ("{", '{"a": "b\\nc"}', "[1]", '{"a": ' + "[" * 100_000 + "\\n"):
        assert parts_within(other, []) == {}
