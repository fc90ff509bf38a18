pub struct Ring<T, const N: usize> {
    slots: [Option<T>; N],
    start: usize,
    length: usize,
}

impl<T: Copy, const N: usize> Ring<T, N> {
    pub const fn new() -> Self {
        Ring { slots: [None; N], start: 0, length: 0 }
    }

    pub fn push(&mut self, value: T) -> Option<T> {
        let at = (self.start + self.length) % N;
        let lost = self.slots[at].replace(value);
        if self.length == N {
            self.start = (self.start + 1) % N;
        } else {
            self.length += 1;
        }
        lost
    }

    pub fn iter(&self) -> impl Iterator<Item = T> + '_ {
        (0..self.length).filter_map(move |offset| self.slots[(self.start + offset) % N])
    }

    pub fn get_mut(&mut self, offset: usize) -> Option<&mut T> {
        if offset >= self.length {
            return None;
        }
        let at = (self.start + offset) % N;
        self.slots[at].as_mut()
    }
}

impl<T: Copy + PartialEq, const N: usize> PartialEq<[T]> for Ring<T, N> {
    fn eq(&self, other: &[T]) -> bool {
        self.length == other.len() && self.iter().zip(other).all(|(mine, theirs)| mine == *theirs)
    }
}

#[test]
fn overwrites_the_oldest() {
    let mut ring: Ring<i32, 3> = Ring::new();
    for value in 1..=4 {
        ring.push(value);
    }
    assert!(ring == [2, 3, 4][..]);
    if let Some(first) = ring.get_mut(0) {
        *first *= 10;
    }
    assert_eq!(ring.iter().collect::<Vec<_>>(), [20, 3, 4]);
    assert_eq!(ring.get_mut(3), None);
}
