//! Who needs whom: what is reached from each package, the cycles, and the layer in which to draw it.

use crate::package::Package;
use std::collections::HashMap;

pub struct Graph {
    pub needs: Vec<Vec<usize>>,
    pub needed_by: Vec<Vec<usize>>,
    component: Vec<usize>,
    components: Vec<Vec<usize>>,
    layers: Vec<usize>,
}

impl Graph {
    pub fn new(packages: &[Package]) -> Graph {
        let place: HashMap<&str, usize> = packages.iter().enumerate().map(|(i, p)| (p.name.as_str(), i)).collect();
        let needs: Vec<Vec<usize>> =
            packages.iter().map(|p| p.needs.iter().filter_map(|name| place.get(name.as_str()).copied()).collect()).collect();
        let mut needed_by = vec![Vec::new(); needs.len()];
        for (index, others) in needs.iter().enumerate() {
            for &other in others {
                needed_by[other].push(index);
            }
        }
        let (component, components) = strongly_connected(&needs);
        let layers = layers(&needs, &component, &components);
        Graph { needs, needed_by, component, components, layers }
    }

    /// The package itself and everything that it needs, directly or not.
    pub fn reached(&self, from: usize) -> Vec<usize> {
        let mut seen = vec![false; self.needs.len()];
        let mut open = vec![from];
        while let Some(index) = open.pop() {
            if !std::mem::replace(&mut seen[index], true) {
                open.extend(&self.needs[index]);
            }
        }
        (0..seen.len()).filter(|&index| seen[index]).collect()
    }

    /// Packages that need each other, directly or not.
    pub fn cycles(&self) -> Vec<Vec<usize>> {
        self.components.iter().filter(|members| members.len() > 1).cloned().collect()
    }

    /// The length of the longest way here from a package that nobody needs; those of a cycle share one layer.
    pub fn layer(&self, index: usize) -> usize {
        self.layers[self.component[index]]
    }
}

/// Tarjan's algorithm (1972), with its own stack. Components come after those that they need.
fn strongly_connected(needs: &[Vec<usize>]) -> (Vec<usize>, Vec<Vec<usize>>) {
    const NONE: usize = usize::MAX;
    let count = needs.len();
    let (mut order, mut low, mut component) = (vec![NONE; count], vec![0; count], vec![NONE; count]);
    let (mut components, mut stack, mut clock) = (Vec::new(), Vec::new(), 0);
    for start in 0..count {
        let mut calls = if order[start] == NONE { vec![(start, 0)] } else { vec![] };
        while let Some((node, next)) = calls.pop() {
            if next == 0 {
                (order[node], low[node]) = (clock, clock);
                clock += 1;
                stack.push(node);
            }
            if let Some(&other) = needs[node].get(next) {
                calls.push((node, next + 1));
                if order[other] == NONE {
                    calls.push((other, 0));
                } else if component[other] == NONE {
                    low[node] = low[node].min(order[other]);
                }
                continue;
            }
            if low[node] == order[node] {
                let from = stack.iter().rposition(|&other| other == node).unwrap();
                let mut members = stack.split_off(from);
                members.sort();
                members.iter().for_each(|&member| component[member] = components.len());
                components.push(members);
            }
            if let Some(&(parent, _)) = calls.last() {
                low[parent] = low[parent].min(low[node]);
            }
        }
    }
    (component, components)
}

fn layers(needs: &[Vec<usize>], component: &[usize], components: &[Vec<usize>]) -> Vec<usize> {
    let mut layers = vec![0; components.len()];
    for (number, members) in components.iter().enumerate().rev() {
        for &other in members.iter().flat_map(|&member| &needs[member]) {
            if component[other] != number {
                layers[component[other]] = layers[component[other]].max(layers[number] + 1);
            }
        }
    }
    layers
}
