use std::io::{stdin, stdout, Write};
fn main() {
    let (mut lo, mut hi) = (1, 1000);
    loop {
        let m = (lo + hi) / 2;
        print!("{}\n", m);
        stdout().flush().unwrap();
        let mut s = String::new();
        stdin().read_line(&mut s).unwrap();
        match s.trim() {
            "higher" => lo = m + 1,
            "lower" => hi = m - 1,
            _ => break,
        }
    }
}
