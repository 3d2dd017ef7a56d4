static mut MEMO: [i64; 1000] = [0; 1000];
fn main() {
    let mut s = String::new();
    std::io::stdin().read_line(&mut s).unwrap();
    unsafe {
        for (i, w) in s.split_whitespace().enumerate() { MEMO[i] = w.parse().unwrap(); }
        println!("{}", MEMO[0] + MEMO[1]);
    }
}
