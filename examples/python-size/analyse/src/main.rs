//! Reads the packages that `collect` lists from standard input, and writes what their graph says to TARS_OUTPUT.

mod graph;
mod package;

use graph::Graph;
use package::Package;
use std::{env, fs, io, io::Read, process};

fn main() {
    if let Err(error) = run() {
        eprintln!("{error}");
        process::exit(1);
    }
}

fn run() -> Result<(), String> {
    let mut text = String::new();
    io::stdin().read_to_string(&mut text).map_err(|error| format!("the packages cannot be read: {error}"))?;
    let packages = package::parse(&text)?;
    let graph = Graph::new(&packages);
    let output = env::var("TARS_OUTPUT").map_err(|_| "TARS_OUTPUT is not set".to_string())?;
    fs::write(&output, report(&packages, &graph)).map_err(|error| format!("{output}: {error}"))?;
    println!("{} packages, {} cycles", packages.len(), graph.cycles().len());
    Ok(())
}

fn report(packages: &[Package], graph: &Graph) -> String {
    let entries: Vec<String> = (0..packages.len()).map(|index| entry(packages, graph, index)).collect();
    let cycles: Vec<String> = graph.cycles().iter().map(|cycle| names(packages, cycle)).collect();
    let bytes: u64 = packages.iter().map(|package| package.bytes).sum();
    format!("{{\"bytes\":{bytes},\"cycles\":[{}],\"packages\":[\n{}\n]}}\n", cycles.join(","), entries.join(",\n"))
}

fn entry(packages: &[Package], graph: &Graph, index: usize) -> String {
    let package = &packages[index];
    let reached = graph.reached(index);
    let bytes_with_needs: u64 = reached.iter().map(|&other| packages[other].bytes).sum();
    format!(
        "{{\"name\":\"{}\",\"version\":\"{}\",\"bytes\":{},\"files\":{},\"bytes_with_needs\":{bytes_with_needs},\
         \"count_with_needs\":{},\"layer\":{},\"needs\":{},\"needed_by\":{}}}",
        package.name,
        package.version,
        package.bytes,
        package.files,
        reached.len(),
        graph.layer(index),
        names(packages, &graph.needs[index]),
        names(packages, &graph.needed_by[index]),
    )
}

fn names(packages: &[Package], indexes: &[usize]) -> String {
    let quoted: Vec<String> = indexes.iter().map(|&index| format!("\"{}\"", packages[index].name)).collect();
    format!("[{}]", quoted.join(","))
}
