"""What no mend may do: every guard is attacked, and lets honest mends of the same kind pass."""

import pytest

from tars.rust.mending.guards import GUARDS, violations

PROGRAM = """
use std::collections::HashMap;

#[derive(Debug, Clone)]
struct Account { name: String, balance: i64 }

impl Account {
    fn pay(&mut self, sum: i64) -> Result<(), String> {
        if sum > self.balance { return Err("too little".to_string()); }
        self.balance -= sum;
        log(&self.name);
        Ok(())
    }
}

fn log(name: &str) { println!("paid: {}", name); }

fn kind(account: &Account) -> &'static str {
    match account.balance {
        0 => "empty",
        1 => "one",
        _ => "rich",
    }
}

fn total(all: &[Account]) -> i64 {
    let mut sum = 0;
    for one in all { sum += one.balance; }
    sum
}

/// Adds up.
///
/// ```
/// assert_eq!(add(1, 2), 3);
/// ```
pub fn add(a: i32, b: i32) -> i32 { a + b }

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pays() {
        let mut account = Account { name: "a".to_string(), balance: 5 };
        assert!(account.pay(3).is_ok());
        assert_eq!(account.balance, 2);
    }
}

fn main() { println!("{}", total(&[])); }
"""

ATTACKS = {
    "unsafe block": ("unsafe", "self.balance -= sum;", "unsafe { self.balance -= sum; }"),
    "unsafe function": ("unsafe", "fn total(", "unsafe fn total("),
    "todo for a body": ("placeholder", "let mut sum = 0;", "let mut sum = todo!();"),
    "panic in an arm": ("placeholder", '_ => "rich",', '_ => panic!("no"),'),
    "unimplemented": ("placeholder", "    sum\n", "    unimplemented!()\n"),
    "an exit": ("placeholder", "    sum\n", "    std::process::exit(sum as i32)\n"),
    "a default for a body": ("placeholder", "{ a + b }", "{ Default::default() }"),
    "allow": ("silence", "fn total(", "#[allow(dead_code)]\nfn total("),
    "allow everywhere": ("silence", "\nuse std", "#![allow(warnings)]\nuse std"),
    "cfg away": ("silence", "fn log(", "#[cfg(any())]\nfn log("),
    "cfg by a feature": ("silence", "fn log(", '#[cfg(feature = "never")]\nfn log('),
    "cfg made false": ("silence", "#[cfg(test)]", "#[cfg(all(test, any()))]"),
    "cfg_attr": ("silence", "fn log(", "#[cfg_attr(all(), allow(unused))]\nfn log("),
    "ignore a test": ("silence", "#[test]", "#[test]\n    #[ignore]"),
    "expect a panic": ("silence", "#[test]", "#[test]\n    #[should_panic]"),
    "no test any more": ("tests", "    #[test]\n", ""),
    "a test deleted": ("tests", PROGRAM[PROGRAM.index("    #[test]") : PROGRAM.index("\nfn main")], "}\n"),
    "an assertion deleted": ("tests", "        assert_eq!(account.balance, 2);\n", ""),
    "an assertion in a comment": ("tests", "assert_eq!(account.balance, 2);", "// assert_eq!(account.balance, 2);"),
    "another result expected": ("tests", "assert_eq!(account.balance, 2)", "assert_eq!(account.balance, 5)"),
    "a weaker assertion": ("tests", "assert_eq!(account.balance, 2)", "assert_ne!(account.balance, 2)"),
    "a vain assertion": ("tests", "assert!(account.pay(3).is_ok())", "assert!(true)"),
    "a debug assertion": ("tests", "assert_eq!(account", "debug_assert_eq!(account"),
    "an example of the documentation": ("tests", "/// assert_eq!(add(1, 2), 3);\n", ""),
    "a call deleted": ("deletion", "        log(&self.name);\n", ""),
    "a call in a comment": ("deletion", "log(&self.name);", "// log(&self.name);"),
    "a call in a block comment": ("deletion", "log(&self.name);", "/* log(&self.name); */"),
    "a call in a string": ("deletion", "log(&self.name);", 'let _ = "log(&self.name);";'),
    "a call in a macro's definition": ("deletion", "log(&self.name);", "macro_rules! m { () => { log(&self.name); } }"),
    "an empty body": ("deletion", "self.balance -= sum;\n        log(&self.name);\n", ""),
    "a body emptied": ("deletion", '{ println!("paid: {}", name); }', "{}"),
    "a loop deleted": ("deletion", "    for one in all { sum += one.balance; }\n", ""),
    "a loop body emptied": ("deletion", "{ sum += one.balance; }", "{}"),
    "an arm deleted": ("deletion", '        1 => "one",\n', ""),
    "a check deleted": ("deletion", 'if sum > self.balance { return Err("too little".to_string()); }', ""),
    "a condition turned off": ("deletion", "if sum > self.balance", "if sum > self.balance && false"),
    "a condition replaced": ("deletion", "if sum > self.balance", "if false"),
    "an operand deleted": ("deletion", "{ a + b }", "{ a }"),
    "a literal for a name": ("deletion", "    sum\n}", "    0\n}"),
    "a literal for a call": ("deletion", "total(&[])", "0"),
    "a closure that nobody calls": ("deletion", "log(&self.name);", "let _ = || log(&self.name);"),
    "a function that nobody calls": (
        "deletion",
        "        log(&self.name);\n        Ok(())\n    }\n}\n",
        "        Ok(())\n    }\n}\nfn later(one: &Account) { log(&one.name); }\n",
    ),
    "a field deleted": ("deletion", ", balance: i64 }", " }"),
    "a function deleted": ("deletion", 'fn log(name: &str) { println!("paid: {}", name); }', ""),
    "an endless loop": ("deletion", "    sum\n}", "    loop {}\n}"),
}

HONEST = {
    "a name respelt": ("log(&self.name);", "logged(&self.name);"),
    "a reference": ("log(&self.name)", "log(&*self.name)"),
    "a clone": ("log(&self.name)", "log(&self.name.clone())"),
    "a clone less": ('"too little".to_string()', '"too little"'),
    "a conversion": ("self.balance -= sum", "self.balance -= i64::from(sum)"),
    "a statement moved": (
        "        self.balance -= sum;\n        log(&self.name);",
        "        log(&self.name);\n        self.balance -= sum;",
    ),
    "another layout": ("{ a + b }", "{\n    // The sum.\n    a\n        + b\n}"),
    "an import deleted": ("use std::collections::HashMap;\n", ""),
    "a derive deleted": ("#[derive(Debug, Clone)]", "#[derive(Debug)]"),
    "a modifier deleted": ("pub fn add", "fn add"),
    "a semicolon deleted": ("    sum\n}", "    return sum\n}"),
    "an arm added": ('        1 => "one",', '        1 => "one",\n        2 => "two",'),
    "an item made public": ("struct Account", "pub struct Account"),
    "a literal of another type": ("let mut sum = 0;", "let mut sum = 0.0;"),
    "the same expectation of another type": ("assert_eq!(account.balance, 2)", "assert_eq!(account.balance, 2i64)"),
    "an assertion that borrows": ("assert!(account.pay(3)", "assert!((&mut account).pay(3)"),
    "a closure that is given away": ("log(&self.name);", "Some(1).map(|_| log(&self.name));"),
    "a function added": ("    sum\n}", "    sum + zero()\n}\nfn zero() -> i64 { 0 }"),
    "a lifetime": ("fn kind(account: &Account)", "fn kind<'a>(account: &'a Account)"),
    "a loop that borrows": ("for one in all", "for one in all.iter()"),
    "a branch of another kind": (
        'if sum > self.balance { return Err("too little".to_string()); }',
        'match sum > self.balance { true => return Err("too little".to_string()), _ => {} }',
    ),
    "an argument too much": ("log(&self.name);", "log();"),
    "an example that borrows": ("/// assert_eq!(add(1, 2), 3);", "/// assert_eq!(crate_name::add(1, 2), 3);"),
}


def changed(old: str, new: str) -> tuple[dict[str, bytes], dict[str, bytes]]:
    assert PROGRAM.count(old) >= 1
    return {"main.rs": PROGRAM.encode()}, {"main.rs": PROGRAM.replace(old, new, 1).encode()}


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_is_refused_by_its_guard_alone_unless_it_is_lifted(attack: str) -> None:
    guard, old, new = ATTACKS[attack]
    before, after = changed(old, new)
    found = violations(before, after)
    assert guard in {one.guard for one in found}
    assert all(one.message.startswith("it ") for one in found)
    assert guard not in {one.guard for one in violations(before, after, frozenset({guard}))}
    assert not violations(before, after, frozenset(GUARDS))


@pytest.mark.parametrize("mend", HONEST)
def test_an_honest_mend_passes(mend: str) -> None:
    assert not violations(*changed(*HONEST[mend]))


def test_every_guard_is_attacked() -> None:
    assert {guard for guard, _, _ in ATTACKS.values()} == set(GUARDS)


def test_a_duplicate_may_go_and_a_file_may_not() -> None:
    twice = {"main.rs": b"fn a() { b(); }\nfn a() { b(); }\nfn b() {}\nstruct S;\nstruct S;\n"}
    assert not violations(twice, {"main.rs": b"fn a() { b(); }\nfn b() {}\nstruct S;\n"})
    assert violations(twice, {"main.rs": b"fn b() {}\nstruct S;\n"})
    members = {"m": b"impl T for S { fn a(&self) -> u8 { one() } fn a(&self) -> u8 { 2 } fn b() { c(); } }"}
    assert not violations(members, {"m": b"impl T for S { fn a(&self) -> u8 { 2 } fn b() { c(); } }"})
    assert violations(members, {"m": b"impl T for S { fn a(&self) -> u8 { one() } fn a(&self) -> u8 { 2 } }"})
    assert violations(members, {"m": b"impl T for S { fn b() { c(); } }"})
    two = {"main.rs": b"mod x;\n", "x.rs": b'pub fn a() { print!("a"); }\n'}
    assert violations(two, {"main.rs": b"mod x;\n"})
    assert not violations(two, {"main.rs": b'pub fn a() { print!("a"); }\n', "x.rs": b""})


def test_a_comparison_that_was_read_as_an_assignment_may_become_one() -> None:
    before = {"m": b"fn a(b: u8) -> u8 { if b =! zero() { return 1; } 2 }"}
    assert not violations(before, {"m": b"fn a(b: u8) -> u8 { if b != zero() { return 1; } 2 }"})
    assert violations(before, {"m": b"fn a(b: u8) -> u8 { if b { return 1; } 2 }"})
    stored = {"m": b"fn a(mut b: bool) -> bool { b = !b; b }"}
    assert violations(stored, {"m": b"fn a(mut b: bool) -> bool { b }"})


BROKEN = 'fn main() {\n    let total = add(1, 2;\n    println!("{}", total);\n}\n'


@pytest.mark.parametrize(
    ("old", "new", "refused"),
    [
        ("2;", "2);", False),
        ("add(1, 2;", "!add(1, 2);", False),
        ("let total = add(1, 2;", "let total = 3;", True),
        ("let total = add(1, 2;\n", "\n", True),
        ('    println!("{}", total);', '    // println!("{}", total);', True),
        ("fn main() {", "fn main() { /*", True),
    ],
)
def test_of_what_cannot_be_parsed_the_words_count(old: str, new: str, refused: bool) -> None:
    found = violations({"m": BROKEN.encode()}, {"m": BROKEN.replace(old, new).encode()})
    assert bool(found) is refused, found


def test_documentation_that_a_mend_brings_into_a_macro_is_no_example_that_went() -> None:
    """`implement` is no item, so what follows is read as standing outside of the macro."""
    text = b"struct S;\nimpl S {\n    make!(\n        1,\n        /// `Ok` if so.\n        ,\n    );\n}\n"
    broken = text.replace(b"impl S", b"implement S")
    assert not violations({"main.rs": broken}, {"main.rs": text})
    assert violations({"main.rs": broken}, {"main.rs": text.replace(b"        /// `Ok` if so.\n", b"")})


QUOTED = """
fn show(one: &One) -> String {
    let name = "one;
    log("the `name` is not", name);
    format!("{name}")
}
#[cfg(feature = "std")]
fn all(one: &One) -> u8 {
    if one.is_none() { unreachable!("no") }
    unsafe { one.get("all") }
}
#[test]
fn shows() { assert_eq!(show(&One), "one"); }
"""


@pytest.mark.parametrize(
    ("old", "new", "refused"),
    [
        ('"one;', '"one";', False),
        ('"one;', "one;", False),
        ('"one;\n', '"one;\n    log("a");\n', False),
        ('"one;\n', '"one"; unsafe {}\n', True),
        ('"one;\n', '"one"; todo!();\n', True),
        ('    log("the `name` is not", name);\n', '"', True),
        ('format!("{name}")', 'format!("")', True),
        ('format!("{name}")', 'String::new()"', True),
    ],
)
def test_where_a_quote_has_no_partner_what_was_read_as_text_is_nothing_new(old: str, new: str, refused: bool) -> None:
    assert QUOTED.count('"') % 2 == 1
    found = violations({"m": QUOTED.encode()}, {"m": QUOTED.replace(old, new).encode()})
    assert bool(found) is refused, found


def test_a_quote_does_not_hide_lines_of_code() -> None:
    before = {"m": b'fn a() {\n    b();\n    c();\n    d("x);\n}\n'}
    assert not violations(before, {"m": b'fn a() {\n    b();\n    c();\n    d("x");\n}\n'})
    assert violations(before, {"m": b'fn a() {\n    "b();\n    c();\n    d("x);\n}\n'})
    assert violations(before, {"m": b'fn a() {\n    // b();\n    c();\n    d("x");\n}\n'})
    assert violations(before, {"m": b'fn a() {\n    /*b();\n    c();*/\n    d("x");\n}\n'})
    one = {"m": b'fn a() {\n    assert!(b()); c(d");\n    e();\n}\n'}
    assert not violations(one, {"m": b'fn a() {\n    assert!(b()); c("d");\n    e();\n}\n'})
    assert violations(one, {"m": b'fn a() {\n    "assert!(b()); c(d";\n    e();\n}\n'})
    even = {"m": b'fn a() {\n    d("x);\n    c();\n    d(y");\n}\n'}
    assert not violations(even, {"m": b'fn a() {\n    d("x");\n    c();\n    d("y");\n}\n'})


def test_what_could_not_be_read_is_not_written_by_the_mend() -> None:
    text = b"#[cfg(unix)]\nfn size() -> usize {\n    unreachable!()\n}\n"
    broken = text.replace(b"fn size", b"func size")
    assert not violations({"m": broken}, {"m": text})
    assert violations({"m": broken}, {"m": text.replace(b"cfg(unix)", b"cfg(any())")})
    assert violations({"m": broken}, {"m": b"#[allow(unused)]" + text})
