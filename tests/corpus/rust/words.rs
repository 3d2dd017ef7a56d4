use std::collections::BTreeMap;
use std::io::{stdin, BufRead};

fn main() {
    let mut m: BTreeMap<String, usize> = BTreeMap::new();
    for line in stdin().lock().lines() {
        for w in line.unwrap().split_whitespace() {
            *m.entry(w.to_owned()).or_insert(0) += 1;
        }
    }
    for (w, c) in &m {
        println!("{w} {c}");
    }
}
