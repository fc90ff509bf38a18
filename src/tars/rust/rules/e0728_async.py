"""Mends an `await` outside of `async`: the function or closure around it becomes `async`."""

from collections.abc import Iterator

from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.values import Example, Patch


def _patches(site: Site) -> Iterator[Patch]:
    around = site.up("function_item", "closure_expression", "async_block")
    if around is None:
        return
    file = site.file
    if around.type == "function_item":
        word = next((child for child in around.children if child.type in ("fn", "function_modifiers")), None)
        name = around.child_by_field_name("name")
        if word is not None and name is not None and file.text(name) != "main":
            yield patch("make the function `async`", 0.85, file.insert(word.start_byte, "async "))
    elif around.type == "closure_expression":
        body = around.child_by_field_name("body")
        if body is not None:
            text = file.text(body)
            inner = f"async move {text}" if body.type == "block" else f"async move {{ {text} }}"
            yield patch("give an `async` block", 0.6, file.replace(body, inner))
    call = site.up("await_expression")
    if call is not None and call.named_children:
        yield patch("do not wait", 0.1, file.replace(call, file.text(call.named_children[0])))


PLUGIN = Mend(
    codes=("E0728",),
    title="make `async` what waits",
    cites=("docs:error_codes/E0728.html", "docs:reference/expressions/await-expr.html"),
    examples=(
        Example(
            "async fn one() -> u8 {\n    1\n}\n\npub fn two() -> u8 {\n    one().await + 1\n}\n",
            "async fn one() -> u8 {\n    1\n}\n\npub async fn two() -> u8 {\n    one().await + 1\n}\n",
            edition="2021",
        ),
        Example(
            "async fn one() -> u8 {\n    1\n}\n\npub async fn two() -> u8 {\n    let f = || one().await;\n"
            "    f().await\n}\n",
            "async fn one() -> u8 {\n    1\n}\n\npub async fn two() -> u8 {\n"
            "    let f = || async move { one().await };\n"
            "    f().await\n}\n",
        ),
    ),
    patches=_patches,
)
