pub struct List {
    head: Option<Box<Node>>,
    length: usize,
}

struct Node {
    value: i32,
    next: Option<Box<Node>>,
}

impl List {
    pub fn new() -> List {
        List { head: None, length: 0 }
    }

    pub fn push(&mut self, value: i32) {
        let next = self.head.take();
        self.head = Some(Box::new(Node { value, next }));
        self.length += 1;
    }

    pub fn pop(&mut self) -> Option<i32> {
        let node = self.head.take()?;
        self.head = node.next;
        self.length -= 1;
        Some(node.value)
    }

    pub fn peek(&self) -> Option<&i32> {
        self.head.as_ref().map(|node| &node.value)
    }

    pub fn reverse(&mut self) {
        let mut reversed = None;
        let mut rest = self.head.take();
        while let Some(mut node) = rest {
            rest = node.next.take();
            node.next = reversed;
            reversed = Some(node);
        }
        self.head = reversed;
    }

    pub fn to_vec(&self) -> Vec<i32> {
        let mut values = Vec::with_capacity(self.length);
        let mut at = &self.head;
        while let Some(node) = at {
            values.push(node.value);
            at = &node.next;
        }
        values
    }
}

#[test]
fn reverses() {
    let mut list = List::new();
    for value in [1, 2, 3] {
        list.push(value);
    }
    assert_eq!(list.to_vec(), [3, 2, 1]);
    list.reverse();
    assert_eq!(list.peek(), Some(&1));
    assert_eq!(list.pop(), Some(1));
    assert_eq!(list.to_vec(), [2, 3]);
}
