#[derive(Debug, Clone, PartialEq)]
pub struct Student {
    name: String,
    grades: Vec<f32>,
}

impl Student {
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), grades: vec![] }
    }

    pub fn with_grade(mut self, grade: f32) -> Self {
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
