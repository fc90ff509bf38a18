use std::collections::BTreeMap;

pub fn count_words(text: &str) -> BTreeMap<String, usize> {
    let counts = BTreeMap::new();
    for word in text.split(|c: char| !c.is_alphanumeric()) {
        if word.is_empty() {
            continue;
        }
        *counts.entry(word.to_lowercase()).or_insert(0) += 1;
    }
    counts
}

pub fn most_frequent(text: &str) -> Option<(String, usize)> {
    let counts = count_words(text);
    let mut best: Option<(String, usize)> = None;
    for (word, count) in counts {
        match &best {
            Some((_, most)) if *most >= count => {}
            _ => best = Some((word, count)),
        }
    }
    best
}

#[test]
fn counts() {
    let counts = count_words("One fish, two fish: red fish!");
    assert_eq!(counts["fish"], 3);
    assert_eq!(counts.len(), 4);
    assert_eq!(most_frequent("a b b c"), Some(("b".to_string(), 2)));
    assert_eq!(most_frequent("..."), None);
}
