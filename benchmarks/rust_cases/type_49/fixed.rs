#[derive(Debug, Default)]
pub struct Tree<K> {
    root: Option<Box<Branch<K>>>,
    size: usize,
}

#[derive(Debug)]
struct Branch<K> {
    key: K,
    left: Option<Box<Branch<K>>>,
    right: Option<Box<Branch<K>>>,
}

impl<K: Ord> Tree<K> {
    pub fn new() -> Self {
        Tree { root: None, size: 0 }
    }

    pub fn insert(&mut self, key: K) -> bool {
        let mut place = &mut self.root;
        while let Some(branch) = place {
            if key == branch.key {
                return false;
            }
            place = if key < branch.key { &mut branch.left } else { &mut branch.right };
        }
        *place = Some(Box::new(Branch { key, left: None, right: None }));
        self.size += 1;
        true
    }

    pub fn contains(&self, key: &K) -> bool {
        let mut place = &self.root;
        while let Some(branch) = place {
            if *key == branch.key {
                return true;
            }
            place = if *key < branch.key { &branch.left } else { &branch.right };
        }
        false
    }

    pub fn sorted(&self) -> Vec<&K> {
        fn walk<'t, K>(place: &'t Option<Box<Branch<K>>>, keys: &mut Vec<&'t K>) {
            if let Some(branch) = place {
                walk(&branch.left, keys);
                keys.push(&branch.key);
                walk(&branch.right, keys);
            }
        }
        let mut keys = Vec::new();
        walk(&self.root, &mut keys);
        keys
    }
}

#[test]
fn sorts() {
    let mut tree = Tree::new();
    for key in [5, 2, 8, 2, 9] {
        tree.insert(key);
    }
    assert_eq!(tree.sorted(), [&2, &5, &8, &9]);
    assert!(tree.contains(&8) && !tree.contains(&7));
    assert_eq!(tree.size, 4);
}
