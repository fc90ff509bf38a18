#[test]
fn keeps_score() {
    let team = Team::new("red");
    let ann = Player::new("ann");
    assert_eq!(ann.team_name(), None);
    team.join(&ann);
    ann.win(3);
    ann.win(4);
    assert_eq!(team.total(), 7);
    assert_eq!(ann.team_name().as_deref(), Some("red"));
    assert_eq!(ann.name, "ann");
    assert_eq!(table(&[team])["red"], 7);
}
