fn main() {
    let mut s = String::new();
    std::io::stdin().read_line(&mut s).unwrap();
    let n: u32 = s.trim().parse().unwrap();
    for i in 1..=n {
        println!("{}", i);
    }
    std::process::exit(0);
}
