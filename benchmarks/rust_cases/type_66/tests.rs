#[test]
fn grades() {
    let students = vec![
        Student::new("Mia").with_grade(2.0).with_grade(3.0),
        Student::new("Bo").with_grade(4.0),
        Student::new("Zed"),
    ];
    assert_eq!(best(&students).map(|student| student.name.as_str()), Some("Bo"));
    assert_eq!(report(&students), "1. Mia: 2.5\n2. Bo: 4.0\n3. Zed: no grades\n");
    assert_eq!(honour_roll(students, 2.5), ["Bo", "Mia"]);
}
