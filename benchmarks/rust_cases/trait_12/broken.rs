#[derive(Debug)]
pub struct Queue<T> {
    inbox: Vec<T>,
    outbox: Vec<T>,
}

impl<T> Queue<T> {
    pub fn new() -> Queue<T> {
        Queue { inbox: Vec::new(), outbox: Vec::new() }
    }

    pub fn enqueue(&mut self, value: T) {
        self.inbox.push(value);
    }

    pub fn dequeue(&mut self) -> Option<T> {
        if self.outbox.is_empty() {
            while let Some(value) = self.inbox.pop() {
                self.outbox.push(value);
            }
        }
        self.outbox.pop()
    }

    pub fn len(&self) -> usize {
        self.inbox.len() + self.outbox.length()
    }
}

impl<T: Clone> Queue<T> {
    pub fn snapshot(&self) -> Vec<T> {
        let mut all: Vec<T> = self.outbox.iter().rev().cloned().collect();
        all.extend(self.inbox.iter().cloned());
        all
    }
}

#[test]
fn is_first_in_first_out() {
    let mut queue = Queue::new();
    for number in 1..=3 {
        queue.enqueue(number);
    }
    assert_eq!(queue.dequeue(), Some(1));
    queue.enqueue(4);
    assert_eq!(queue.snapshot(), vec![2, 3, 4]);
    assert_eq!(queue.len(), 3);
}
