use std::io::stdin;

fn main() {
    let mut s = String::new();
    stdin().read_line(&mut s).unwrap();
    let (a, b) = s.trim().split_once(' ').unwrap();
    println!("{}", a.parse::<i32>().unwrap() + b.parse::<i32>().unwrap());
}
