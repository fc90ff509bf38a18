//! Counts the words of each text. TARS calls `count`; there is no `main` to write.

use std::collections::BTreeMap;

/// Takes one text a line (its name, a tab, its words) and returns `{name: {"words": n, "counts": {word: n}}}` as JSON.
pub fn count(texts: &str) -> String {
    let documents: Vec<String> = texts.lines().filter_map(document).collect();
    format!("{{{}}}\n", documents.join(","))
}

fn document(line: &str) -> Option<String> {
    let (name, words) = line.split_once('\t')?;
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for word in words.split_whitespace() {
        *counts.entry(word).or_default() += 1;
    }
    let total: usize = counts.values().sum();
    let pairs: Vec<String> = counts.iter().map(|(word, n)| format!("\"{word}\":{n}")).collect();
    Some(format!("\"{name}\":{{\"words\":{total},\"counts\":{{{}}}}}", pairs.join(",")))
}
