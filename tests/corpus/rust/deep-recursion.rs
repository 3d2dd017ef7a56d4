fn f(n: u64) -> u64 {
    if n == 0 { 0 } else { let v = vec![n]; v[0] + f(n - 1) }
}
fn main() {
    let mut s = String::new();
    std::io::stdin().read_line(&mut s).unwrap();
    println!("{}", f(s.trim().parse().unwrap()));
}
