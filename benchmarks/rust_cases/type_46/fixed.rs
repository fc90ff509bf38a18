use std::collections::{HashMap, HashSet};
use std::hash::Hash;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Event {
    Start,
    Stop,
    Tick(u32),
}

pub struct Bus<E> {
    listeners: HashMap<E, Vec<String>>,
    seen: HashSet<E>,
}

impl<E: Eq + Hash + Copy> Bus<E> {
    pub fn new() -> Self {
        Bus { listeners: HashMap::new(), seen: HashSet::new() }
    }

    pub fn listen(&mut self, event: E, name: &str) {
        self.listeners.entry(event).or_default().push(name.to_string());
    }

    pub fn fire(&mut self, event: E) -> usize {
        self.seen.insert(event);
        match self.listeners.get(&event) {
            Some(names) => names.len(),
            None => 0,
        }
    }

    pub fn unseen(&self) -> usize {
        self.listeners.keys().filter(|event| !self.seen.contains(*event)).count()
    }
}

#[test]
fn fires() {
    let mut bus = Bus::new();
    bus.listen(Event::Start, "log");
    bus.listen(Event::Start, "screen");
    bus.listen(Event::Tick(1), "clock");
    assert_eq!(bus.fire(Event::Start), 2);
    assert_eq!(bus.fire(Event::Stop), 0);
    assert_eq!(bus.unseen(), 1);
}
