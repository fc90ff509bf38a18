//! One line of the list: a distribution, its size and the names that it needs.

pub struct Package {
    pub name: String,
    pub version: String,
    pub bytes: u64,
    pub files: u64,
    pub needs: Vec<String>,
}

pub fn parse(text: &str) -> Result<Vec<Package>, String> {
    text.lines().enumerate().map(|(number, line)| package(line).ok_or(format!("line {}: {line}", number + 1))).collect()
}

fn package(line: &str) -> Option<Package> {
    let fields: Vec<&str> = line.split('\t').collect();
    let [name, version, bytes, files, needs] = fields[..] else { return None };
    Some(Package {
        name: plain(name),
        version: plain(version),
        bytes: bytes.parse().ok()?,
        files: files.parse().ok()?,
        needs: needs.split_whitespace().map(plain).collect(),
    })
}

/// Names and versions are written between quotes as they are, so nothing but their own letters may be in them.
fn plain(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric() || "-_.+!".contains(*c)).collect()
}
