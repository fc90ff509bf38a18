pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        if !line.is_empty() && line.len() + 1 + word.len() > width {
            lines.push(line);
            line = String::new();
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

pub fn centre(line: &str, width: usize) -> String {
    let space = width.saturating_sub(line.len());
    let left = space / 2;
    format!("{}{}{}", " ".repeat(left), line, " ".repeat(space - left))
}

pub fn boxed(text: &str, width: usize) -> String {
    let edge = format("+{}+", "-".repeat(width));
    let mut result = edge.clone();
    for line in wrap(text, width) {
        result.push_str(&format!("\n|{}|", centre(&line, width)));
    }
    result + "\n" + &edge
}
