use std::io::Read;
use std::sync::{mpsc, Arc, Mutex};
use std::thread;

fn main() {
    let mut s = String::new();
    std::io::stdin().read_to_string(&mut s).unwrap();
    let nums: Vec<i64> = s.split_whitespace().skip(1).map(|x| x.parse().unwrap()).collect();
    let total = Arc::new(Mutex::new(0));
    let (tx, rx) = mpsc::channel();
    let handles: Vec<_> = nums
        .into_iter()
        .map(|x| {
            let (total, tx) = (Arc::clone(&total), tx.clone());
            thread::spawn(move || {
                *total.lock().unwrap() += x;
                tx.send(()).unwrap();
            })
        })
        .collect();
    drop(tx);
    for h in handles { h.join().unwrap(); }
    assert!(rx.iter().count() > 0);
    println!("{}", total.lock().unwrap());
}
