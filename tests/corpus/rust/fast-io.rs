use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::str::FromStr;

struct Scanner<R> {
    reader: R,
    buf: Vec<String>,
}

impl<R: BufRead> Scanner<R> {
    fn new(reader: R) -> Self {
        Scanner { reader, buf: Vec::new() }
    }
    fn next<T: FromStr>(&mut self) -> T {
        loop {
            if let Some(token) = self.buf.pop() {
                return token.parse().ok().expect("failed to parse");
            }
            let mut line = String::new();
            self.reader.read_line(&mut line).expect("failed to read");
            self.buf = line.split_whitespace().rev().map(String::from).collect();
        }
    }
}

fn main() {
    let stdin = io::stdin();
    let mut sc = Scanner::new(BufReader::new(stdin.lock()));
    let stdout = io::stdout();
    let mut out = BufWriter::new(stdout.lock());
    let n: usize = sc.next();
    let mut s = 0i64;
    for _ in 0..n {
        s += sc.next::<i64>();
    }
    writeln!(out, "{}", s).unwrap();
}
