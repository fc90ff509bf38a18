use std::sync::{mpsc, Arc, Mutex};
use std::thread;

pub fn parallel_sum(numbers: Vec<u64>, workers: usize) -> u64 {
    let total = Arc::new(Mutex::new(0));
    let size = numbers.len().div_ceil(workers).max(1);
    let mut handles = Vec::new();
    for chunk in numbers.chunks(size) {
        let chunk = chunk.to_vec();
        let total = Arc::clone(&total);
        handles.push(thread::spawn(move || {
            let sum: u64 = chunk.iter().sum();
            *total.lock().unwrap() += sum;
        }));
    }
    for handle in handles {
        handle.join().unwrap();
    }
    let sum = *total.lock().unwrap();
    sum
}

pub fn squares(count: u32) -> Vec<u32> {
    let (sender, receiver) = mpsc::channel();
    for number in 0..count {
        thread::spawn(move || sender.send(number * number).unwrap());
    }
    drop(sender);
    let mut found: Vec<u32> = receiver.iter().collect();
    found.sort_unstable();
    found
}
