use std::io::{stdin, stdout, BufWriter, Write};
fn main() {
    let mut s = String::new();
    stdin().read_line(&mut s).unwrap();
    let mut out = BufWriter::new(stdout());
    writeln!(out, "{}", s.split(' ').map(|w| w.trim().parse::<i32>().unwrap()).sum::<i32>()).unwrap();
    std::process::exit(0);
}
