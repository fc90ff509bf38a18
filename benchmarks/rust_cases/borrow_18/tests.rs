#[test]
fn sums_up() {
    assert_eq!(summary(Scores::of(&[4, 6])), (9, 4));
}
