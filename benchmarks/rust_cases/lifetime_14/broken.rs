#[derive(Debug, PartialEq, Clone, Copy)]
pub struct Header<'t> {
    pub key: &'t str,
    pub value: &'t str,
}

pub struct Message<'t> {
    headers: Vec<Header<'t>>,
    pub body: &'t str,
}

impl<'t> Message<'t> {
    pub fn parse(text: &'t str) -> Option<Message<'t>> {
        let (head, body) = text.split_once("\n\n")?;
        let mut headers = Vec::new();
        for line in head.lines() {
            headers.push(header(line)?);
        }
        Some(Message { headers, body })
    }

    pub fn get(&self, key: &str) -> Option<&'k str> {
        self.headers.iter().find(|header| header.key.eq_ignore_ascii_case(key)).map(|header| header.value)
    }

    pub fn first(&self) -> Option<&Header<'t>> {
        self.headers.first()
    }
}

fn header(line: &str) -> Option<Header<'_>> {
    let (key, value) = line.split_once(':')?;
    Some(Header { key: key.trim(), value: value.trim() })
}

pub trait Describe {
    fn describe<'a>(&'a self, fallback: &'a str) -> &'a str;
}

impl Describe for Message<'_> {
    fn describe<'a>(&'a self, fallback: &'a str) -> &'a str {
        self.get("subject").unwrap_or(fallback)
    }
}

pub fn subject_of(text: &str) -> String {
    match Message::parse(text) {
        Some(message) => message.describe("none").to_string(),
        None => String::from("not a message"),
    }
}

#[test]
fn parses() {
    let message = Message::parse("To: ann\nSubject: hi\n\nbody text").unwrap();
    assert_eq!(message.get("SUBJECT"), Some("hi"));
    assert_eq!(message.first(), Some(&Header { key: "To", value: "ann" }));
    assert_eq!(message.body, "body text");
    assert_eq!(subject_of("To: ann\n\n"), "none");
    assert_eq!(subject_of("?"), "not a message");
}
