"""What to read about an error besides its entry in the error index: parts of the Reference, the book and the Nomicon.

The error index hardly ever links them; the Reference names codes in only a few of its examples. One line a topic.
"""

import re
from functools import cache
from typing import Final

_TOPICS: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    (
        "E0382 E0505 E0507 E0508 E0509",
        ("reference/expressions.html#moved-and-copied-types", "book/ch04-01-what-is-ownership.html#ownership-rules"),
    ),
    ("E0381", ("reference/variables.html#r-variable.init", "reference/statements.html#let-statements")),
    ("E0384", ("book/ch03-01-variables-and-mutability.html", "reference/patterns.html#identifier-patterns")),
    ("E0594 E0596", ("reference/expressions.html#mutability", "book/ch04-02-references-and-borrowing.html")),
    (
        "E0499 E0500 E0501 E0502 E0503 E0506 E0510",
        ("book/ch04-02-references-and-borrowing.html#the-rules-of-references", "nomicon/aliasing.html"),
    ),
    (
        "E0716",
        ("reference/destructors.html#temporary-scopes", "reference/destructors.html#temporary-lifetime-extension"),
    ),
    (
        "E0597 E0713",
        ("reference/destructors.html#drop-scopes", "book/ch10-03-lifetime-syntax.html#dangling-references"),
    ),
    ("E0515 E0521", ("book/ch04-02-references-and-borrowing.html#dangling-references", "nomicon/lifetimes.html")),
    (
        "E0373",
        ("reference/types/closure.html#capture-modes", "book/ch16-01-threads.html#using-move-closures-with-threads"),
    ),
    ("E0525", ("reference/types/closure.html#call-traits-and-coercions",)),
    (
        "E0106",
        (
            "reference/lifetime-elision.html#lifetime-elision-in-functions",
            "book/ch10-03-lifetime-syntax.html#lifetime-annotation-syntax",
        ),
    ),
    (
        "E0261 E0262 E0263 E0403 E0107 E0229",
        ("reference/items/generics.html", "reference/names/scopes.html#generic-parameter-scopes"),
    ),
    (
        "E0309 E0310 E0311 E0478 E0491",
        (
            "reference/trait-bounds.html#lifetime-bounds",
            "book/ch10-03-lifetime-syntax.html#generic-type-parameters-trait-bounds-and-lifetimes",
        ),
    ),
    (
        "E0621 E0623 E0495 E0312 E0759",
        ("book/ch10-03-lifetime-syntax.html#in-function-signatures", "reference/subtyping.html"),
    ),
    ("E0700", ("reference/types/impl-trait.html#capturing",)),
    ("E0582 E0637", ("reference/trait-bounds.html#higher-ranked-trait-bounds", "nomicon/hrtb.html")),
    (
        "E0425 E0412 E0405 E0573 E0574 E0531",
        (
            "reference/names/name-resolution.html",
            "book/ch07-04-bringing-paths-into-scope-with-the-use-keyword.html",
        ),
    ),
    ("E0423 E0532", ("reference/names/namespaces.html", "reference/expressions/struct-expr.html")),
    ("E0433", ("reference/paths.html", "reference/names/preludes.html#extern-prelude")),
    ("E0432", ("reference/items/use-declarations.html", "reference/paths.html#path-qualifiers")),
    ("E0429 E0430 E0431", ("reference/items/use-declarations.html#self-imports",)),
    ("E0252 E0254 E0255 E0260 E0428", ("reference/names/namespaces.html", "reference/items/use-declarations.html")),
    ("E0659", ("reference/names/name-resolution.html#ambiguities",)),
    ("E0583 E0584", ("reference/items/modules.html#module-source-filenames",)),
    ("E0424 E0411", ("reference/items/associated-items.html#methods", "reference/names/scopes.html#self-scope")),
    ("E0426", ("reference/expressions/loop-expr.html#loop-labels",)),
    (
        "E0434 E0401",
        ("reference/names/scopes.html#item-scopes", "book/ch13-01-closures.html#capturing-the-environment"),
    ),
    ("E0435", ("reference/const_eval.html#constant-expressions", "book/ch08-01-vectors.html")),
    ("E0408 E0409", ("reference/patterns.html#or-patterns",)),
    ("E0415 E0416", ("reference/patterns.html#identifier-patterns",)),
    ("E0124", ("reference/items/structs.html",)),
    (
        "E0603 E0616 E0624 E0451 E0446",
        (
            "reference/visibility-and-privacy.html",
            "book/ch07-03-paths-for-referring-to-an-item-in-the-module-tree.html#exposing-paths-with-the-pub-keyword",
        ),
    ),
    ("E0364 E0365", ("reference/visibility-and-privacy.html#re-exporting-and-visibility",)),
    ("E0449", ("reference/visibility-and-privacy.html", "reference/items/traits.html#item-visibility")),
    ("E0308", ("reference/type-coercions.html#coercion-sites", "reference/expressions/block-expr.html")),
    ("E0317", ("reference/expressions/if-expr.html",)),
    (
        "E0004 E0005",
        ("book/ch06-02-match.html#matches-are-exhaustive", "reference/patterns.html#refutability"),
    ),
    ("E0023", ("reference/patterns.html#tuple-struct-patterns",)),
    ("E0026 E0027", ("reference/patterns.html#struct-patterns",)),
    ("E0029 E0030", ("reference/patterns.html#range-patterns",)),
    ("E0527 E0528 E0529", ("reference/patterns.html#slice-patterns",)),
    ("E0164 E0533", ("reference/patterns.html#path-patterns",)),
    ("E0040", ("reference/destructors.html", "std/mem/fn.drop.html")),
    (
        "E0046 E0407 E0437 E0438",
        (
            "reference/items/implementations.html#trait-implementations",
            "book/ch10-02-traits.html#implementing-a-trait-on-a-type",
        ),
    ),
    (
        "E0050 E0053 E0049 E0185 E0186 E0195 E0323 E0324 E0325",
        ("reference/items/implementations.html#trait-implementations", "reference/items/associated-items.html"),
    ),
    ("E0057 E0060 E0061 E0618", ("reference/expressions/call-expr.html",)),
    ("E0063 E0062 E0560", ("reference/expressions/struct-expr.html",)),
    ("E0559", ("reference/expressions/struct-expr.html", "reference/items/enumerations.html")),
    ("E0069", ("reference/expressions/return-expr.html",)),
    ("E0067 E0070", ("reference/expressions/operator-expr.html#assignment-expressions",)),
    ("E0368", ("reference/expressions/operator-expr.html#compound-assignment-expressions", "std/ops/index.html")),
    (
        "E0369",
        (
            "reference/expressions/operator-expr.html#arithmetic-and-logical-binary-operators",
            "book/ch20-02-advanced-traits.html#using-default-generic-parameters-and-operator-overloading",
        ),
    ),
    ("E0600", ("reference/expressions/operator-expr.html#negation-operators",)),
    ("E0614", ("reference/expressions/operator-expr.html#the-dereference-operator",)),
    ("E0604 E0605 E0606 E0607 E0620", ("reference/expressions/operator-expr.html#type-cast-expressions",)),
    (
        "E0608",
        ("reference/expressions/array-expr.html#array-and-slice-indexing-expressions", "std/ops/trait.Index.html"),
    ),
    ("E0609 E0610 E0615", ("reference/expressions/field-expr.html",)),
    ("E0599", ("reference/expressions/method-call-expr.html", "reference/items/associated-items.html#methods")),
    ("E0689 E0600", ("reference/expressions/literal-expr.html",)),
    (
        "E0277",
        ("reference/trait-bounds.html", "book/ch10-02-traits.html#trait-bound-syntax"),
    ),
    ("E0275 E0276", ("reference/trait-bounds.html",)),
    ("E0038", ("reference/items/traits.html#dyn-compatibility",)),
    ("E0191 E0225 E0224", ("reference/types/trait-object.html", "book/ch18-02-trait-objects.html")),
    ("E0782", ("reference/types/trait-object.html", "edition-guide/rust-2021/warnings-promoted-to-error.html")),
    (
        "E0117 E0116 E0118 E0119 E0210",
        (
            "reference/items/implementations.html#trait-implementation-coherence",
            "book/ch20-02-advanced-traits.html#implementing-external-traits-with-the-newtype-pattern",
        ),
    ),
    ("E0201 E0592", ("reference/items/implementations.html#inherent-implementations",)),
    ("E0207", ("reference/items/implementations.html#generic-implementations",)),
    ("E0133", ("reference/unsafety.html", "book/ch20-01-unsafe-rust.html#performing-unsafe-superpowers")),
    ("E0199 E0200", ("reference/items/traits.html#unsafe-traits",)),
    ("E0184 E0204", ("reference/special-types-and-traits.html#copy", "std/marker/trait.Copy.html")),
    ("E0220 E0223 E0191 E0271", ("reference/items/associated-items.html#associated-types",)),
    ("E0221 E0034", ("reference/expressions/call-expr.html#disambiguating-function-calls",)),
    ("E0404", ("reference/items/traits.html",)),
    ("E0267 E0268", ("reference/expressions/loop-expr.html#break-expressions",)),
    ("E0571", ("reference/expressions/loop-expr.html#break-and-loop-values",)),
    ("E0572", ("reference/expressions/return-expr.html",)),
    ("E0282 E0283 E0790", ("reference/paths.html#paths-in-expressions", "book/ch03-02-data-types.html")),
    ("E0121", ("reference/types/inferred.html",)),
    ("E0562 E0666 E0746", ("reference/types/impl-trait.html", "reference/types/impl-trait.html#limitations")),
    ("E0728", ("reference/expressions/await-expr.html",)),
    ("E0072", ("book/ch15-01-box.html", "reference/items/structs.html")),
    ("E0732", ("reference/items/enumerations.html#discriminants",)),
    ("E0015 E0744 E0764 E0010 E0013", ("reference/const_eval.html#constant-expressions",)),
    ("E0658 E0554 E0635", ("book/appendix-07-nightly-rust.html#unstable-features",)),
    ("E0601", ("reference/crates-and-source-files.html#main-functions",)),
    ("E0765 E0762 E0763 E0766 E0758", ("reference/tokens.html",)),
    ("E0565 E0539", ("reference/attributes.html#meta-item-attribute-syntax",)),
    ("E0774 E0777", ("reference/attributes/derive.html",)),
    ("E0025", ("reference/patterns.html#struct-patterns",)),
    ("E0033 E0371", ("reference/types/trait-object.html",)),
    ("E0054", ("reference/expressions/operator-expr.html#type-cast-expressions",)),
    ("E0059 E0183 E0593 E0631", ("reference/types/closure.html#call-traits-and-coercions",)),
    ("E0071 E0422 E0574", ("reference/expressions/struct-expr.html",)),
    ("E0081 E0370", ("reference/items/enumerations.html#discriminants",)),
    ("E0091 E0128 E0392 E0393", ("reference/items/generics.html",)),
    ("E0130 E0044 E0045 E0617", ("reference/items/external-blocks.html",)),
    ("E0131 E0646 E0752", ("reference/crates-and-source-files.html#main-functions",)),
    ("E0165 E0297", ("reference/patterns.html#refutability",)),
    ("E0178", ("reference/types.html",)),
    ("E0197 E0198", ("reference/unsafe-keyword.html", "reference/items/implementations.html")),
    ("E0203", ("reference/trait-bounds.html#sized",)),
    ("E0227 E0228", ("reference/types/trait-object.html#trait-object-lifetime-bounds",)),
    ("E0253", ("reference/items/use-declarations.html",)),
    ("E0322", ("reference/special-types-and-traits.html#sized",)),
    ("E0326", ("reference/items/associated-items.html#associated-constants",)),
    ("E0120 E0366 E0367", ("reference/special-types-and-traits.html#drop",)),
    ("E0379", ("reference/items/functions.html#const-functions", "reference/items/traits.html")),
    ("E0391 E0720", ("reference/items/type-aliases.html", "reference/types/impl-trait.html#abstract-return-types")),
    ("E0452 E0710", ("reference/attributes/diagnostics.html#lint-check-attributes",)),
    ("E0454 E0458 E0459", ("reference/items/external-blocks.html#the-link-attribute",)),
    ("E0466 E0468 E0469", ("reference/macros-by-example.html#scoping-exporting-and-importing",)),
    ("E0493", ("reference/const_eval.html#constant-expressions", "reference/destructors.html")),
    ("E0517 E0552 E0566 E0587 E0634", ("reference/type-layout.html#representations",)),
    ("E0575 E0577", ("reference/paths.html#qualified-paths",)),
    ("E0586 E0579", ("reference/expressions/range-expr.html",)),
    ("E0642", ("reference/items/functions.html#function-parameters",)),
    ("E0670", ("reference/items/functions.html#async-functions",)),
    ("E0695 E0696 E0767", ("reference/expressions/loop-expr.html#labeled-block-expressions",)),
    ("E0697", ("reference/expressions/closure-expr.html",)),
    ("E0703", ("reference/items/functions.html#extern-function-qualifier",)),
    ("E0719", ("reference/items/associated-items.html#associated-types",)),
    ("E0733", ("reference/items/functions.html#async-functions",)),
    ("E0740", ("reference/items/unions.html",)),
    ("E0745", ("reference/expressions.html#temporaries",)),
    ("E0749 E0750", ("reference/special-types-and-traits.html#auto-traits",)),
    ("E0753", ("reference/comments.html",)),
    ("E0780", ("reference/items/constant-items.html#unnamed-constant",)),
    ("E0783", ("reference/patterns.html#range-patterns",)),
)


_MESSAGES: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    (r"lifetime may not live long enough", ("book/ch10-03-lifetime-syntax.html", "reference/subtyping.html")),
    (r"delimiter|^expected .*[`'][)}\\]]", ("reference/tokens.html#delimiters",)),
    (r"unterminated|unknown start of token|prefix|literal|escape|quote", ("reference/tokens.html#literals",)),
    (r"keyword", ("reference/keywords.html", "reference/identifiers.html")),
    (r"expected identifier", ("reference/identifiers.html",)),
    (r"expected (?:type|one of .*`->`)", ("reference/types.html", "reference/items/functions.html")),
    (r"expected pattern", ("reference/patterns.html",)),
    (r"`=>`|match arm", ("reference/expressions/match-expr.html",)),
    (r"expected item|expected one of .*`fn`", ("reference/items.html",)),
    (r"struct literals", ("reference/expressions/struct-expr.html", "reference/expressions/if-expr.html")),
    (r"`;`|`let`|expected statement", ("reference/statements.html",)),
    (r"macro", ("reference/macros-by-example.html", "reference/macros.html")),
    (r"generic argument|parameter", ("reference/items/generics.html",)),
    (r"expected expression|operator|comparison", ("reference/expressions.html",)),
)
"""For messages without a code: what they speak of."""


def related_to_message(message: str) -> tuple[str, ...]:
    """The citations for a message that has no code."""
    expected = message.partition(", found")[0]
    found = (pages for text in (expected, message) for pattern, pages in _MESSAGES if re.search(pattern, text))
    return tuple(f"docs:{page}" for page in next(found, ()))


@cache
def related() -> dict[str, tuple[str, ...]]:
    """The citations for each code, the nearest first."""
    found: dict[str, tuple[str, ...]] = {}
    for codes, pages in _TOPICS:
        for code in codes.split():
            found[code] = (*found.get(code, ()), *(f"docs:{page}" for page in pages))
    return found
