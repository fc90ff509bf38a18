pub fn longest<'a>(first: &'a str, second: &'a str) -> &'a str {
    if first.len() >= second.len() {
        first
    } else {
        second
    }
}

pub fn longest_word(text: &str) -> &str {
    let mut best = "";
    for word in text.split_whitespace() {
        best = longest(best, word);
    }
    best
}

pub struct Excerpt<'a> {
    pub part: &'a str,
}

impl<'a> Excerpt<'a> {
    pub fn first_sentence(text: &'a str) -> Excerpt<'a> {
        let end = text.find('.').map_or(text.len(), |at| at + 1);
        Excerpt { part: &text[..end] }
    }

    pub fn words(&self) -> usize {
        self.part.split(' ').count()
    }
}

#[test]
fn finds_it() {
    assert_eq!(longest_word("the quick brown fox"), "quick");
    assert_eq!(longest_word(""), "");
    assert_eq!(longest("ab", "cd"), "ab");
}

#[test]
fn cuts() {
    let excerpt = Excerpt::first_sentence("Call me Ishmael. Some years ago");
    assert_eq!(excerpt.part, "Call me Ishmael.");
    assert_eq!(excerpt.words(), 3);
}
