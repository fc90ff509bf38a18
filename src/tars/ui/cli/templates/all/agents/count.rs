//! Counts equal lines of the input file and writes `word,count` lines.

use std::collections::BTreeMap;
use std::{env, error::Error, fs};

fn main() -> Result<(), Box<dyn Error>> {
    let text = fs::read_to_string(env::var("TARS_INPUT")?)?;
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for word in text.lines() {
        *counts.entry(word).or_default() += 1;
    }
    let lines: Vec<String> = counts.iter().map(|(word, count)| format!("{word},{count}")).collect();
    fs::write(env::var("TARS_OUTPUT")?, lines.join("\n") + "\n")?;
    println!("{} different words", lines.len());
    Ok(())
}
