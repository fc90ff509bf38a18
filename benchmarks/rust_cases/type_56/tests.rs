#[test]
fn wraps() {
    assert_eq!(wrap("the cat sat on the mat", 7), ["the cat", "sat on", "the mat"]);
    assert!(wrap("  ", 7).is_empty());
}

#[test]
fn draws_a_box() {
    assert_eq!(boxed("hi you", 4), "+----+\n| hi |\n|you |\n+----+");
}
