#[test]
fn sums() {
    assert_eq!(parallel_sum((1..=100).collect(), 4), 5050);
    assert_eq!(parallel_sum(vec![], 4), 0);
}

#[test]
fn squares_are_sorted() {
    assert_eq!(squares(4), [0, 1, 4, 9]);
}
