//! Counts the words of the input file and writes them as CSV, the most frequent first.

use std::collections::BTreeMap;
use std::{env, error::Error, fs};

fn main() -> Result<(), Box<dyn Error>> {
    let text = fs::read_to_string(env::var("TARS_INPUT")?)?.to_lowercase();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let words = text.split(|c: char| !c.is_alphabetic() && c != '\'');
    for word in words.filter(|word| !word.is_empty()) {
        *counts.entry(word).or_default() += 1;
    }
    let mut rows: Vec<_> = counts.into_iter().collect();
    rows.sort_by_key(|&(word, count)| (std::cmp::Reverse(count), word));
    let lines: Vec<String> = rows.iter().map(|(word, count)| format!("{word},{count}")).collect();
    fs::write(env::var("TARS_OUTPUT")?, lines.join("\n") + "\n")?;
    println!("{} different words", rows.len());
    Ok(())
}
