use std::collections::HashMap;

#[derive(Default)]
pub struct Cache {
    entries: HashMap<u64, String>,
    hits: u32,
}

impl Cache {
    pub fn get(&mut self, key: u64) -> &str {
        if self.entries.contains_key(&key) {
            self.hits += 1;
        } else {
            self.entries.insert(key, format!("value {key}"));
        }
        &self.entries[&key]
    }

    pub fn hits(&self) -> u32 {
        self.hits
    }

    pub fn longest(&self) -> Option<&String> {
        self.entries.values().max_by_key(|value| value.len())
    }

    pub fn rename(&mut self, key: u64, text: &str) -> Option<String> {
        let old = self.entries.get(&key).cloned();
        self.entries.insert(key, text.to_string());
        old
    }

    pub fn clear_except(&mut self, key: u64) -> usize {
        let before = self.entries.len();
        self.entries.retain(|known, _| *known == key);
        before - self.entries.len()
    }
}

pub fn demo() -> (String, u32) {
    let mut cache = Cache::default();
    let first = cache.get(7).to_string();
    cache.get(7);
    (first, cache.hits())
}

#[test]
fn remembers() {
    assert_eq!(demo(), ("value 7".to_string(), 1));
}

#[test]
fn renames() {
    let mut cache = Cache::default();
    assert_eq!(cache.rename(1, "one"), None);
    assert_eq!(cache.rename(1, "uno and only").as_deref(), Some("one"));
    cache.get(2);
    assert_eq!(cache.longest().map(String::as_str), Some("uno and only"));
    assert_eq!(cache.clear_except(2), 1);
}
