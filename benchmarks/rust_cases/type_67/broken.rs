#[derive(Debug, Clone, PartialEq)]
pub struct Student {
    name: String,
    grades: Vec<f32>,
}

impl Student {
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), grades: vec![] }
    }

    pub fn with_grade(&mut self, grade: f32) -> Self {
        self.grades.push(grade);
        self
    }

    pub fn average(&self) -> Option<f32> {
        let count = self.grades.len();
        (count > 0).then(|| self.grades.iter().sum::<f32>() / count as f32)
    }
}

pub fn best<'s>(students: &'s [Student]) -> Option<&'s Student> {
    let mut best: Option<(&Student, f32)> = None;
    for student in students {
        let Some(average) = student.average() else {
            continue;
        };
        if best.map_or(true, |(_, highest)| average > highest) {
            best = Some((student, average));
        }
    }
    best.map(|(student, _)| student)
}

pub fn honour_roll(students: Vec<Student>, limit: f32) -> Vec<String> {
    let mut names: Vec<String> = students
        .into_iter()
        .filter(|student| student.average().unwrap_or(0.0) >= limit)
        .map(|student| student.name)
        .collect();
    names.sort();
    names
}

pub fn report(students: &[Student]) -> String {
    let mut text = String::new();
    for (number, student) in students.iter().enumerate() {
        let line = match student.average() {
            Some(average) => format!("{}. {}: {average:.1}", number + 1, student.name),
            None => format!("{}. {}: no grades", number + 1, student.name),
        };
        text.push_str(&line);
        text.push('\n');
    }
    text
}

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
