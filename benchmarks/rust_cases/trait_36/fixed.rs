pub struct Fibonacci {
    current: u64,
    next: u64,
}

impl Fibonacci {
    pub fn new() -> Self {
        Fibonacci { current: 0, next: 1 }
    }
}

impl Iterator for Fibonacci {
    type Item = u64;

    fn next(&mut self) -> Option<Self::Item> {
        let result = self.current;
        let following = self.next.checked_add(self.current)?;
        self.current = self.next;
        self.next = following;
        Some(result)
    }
}

pub fn even_sum(limit: u64) -> u64 {
    Fibonacci::new().take_while(|&term| term <= limit).filter(|term| term % 2 == 0).sum()
}

pub fn moving_average(values: &[f64], width: usize) -> Vec<f64> {
    values.windows(width).map(|window| window.iter().sum::<f64>() / width as f64).collect()
}

pub fn rises(values: &[i32]) -> usize {
    values.iter().zip(values.iter().skip(1)).filter(|(before, after)| after > before).count()
}

#[test]
fn fibonacci() {
    let first: Vec<u64> = Fibonacci::new().take(7).collect();
    assert_eq!(first, [0, 1, 1, 2, 3, 5, 8]);
    assert_eq!(even_sum(100), 44);
    assert!(Fibonacci::new().count() > 90);
}

#[test]
fn windows() {
    assert_eq!(moving_average(&[1.0, 2.0, 3.0, 4.0], 2), [1.5, 2.5, 3.5]);
    assert_eq!(rises(&[1, 3, 2, 5]), 2);
}
