use std::thread;
fn f(n: u64) -> u64 {
    if n == 0 { return 0; }
    let mut pad = [0u8; 256];
    pad[(n % 256) as usize] = 1;
    n + f(n - 1) + pad[((n + 1) % 256) as usize] as u64
}
fn solve() {
    let mut s = String::new();
    std::io::stdin().read_line(&mut s).unwrap();
    println!("{}", f(s.trim().parse().unwrap()));
}
fn main() {
    thread::Builder::new().stack_size(128 * 1024 * 1024).spawn(solve).unwrap().join().unwrap();
}
