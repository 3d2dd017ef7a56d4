use std::collections::HashMap;
use std::io;
struct never_used { Field: i32 }
fn deadCode() -> i32 { 5 }
fn main() {
    let mut s = String::new();
    let mut unused = 3;
    io::stdin().read_line(&mut s);
    let N: Vec<i32> = s.trim().split(" ").map(|x| x.parse::<i32>().unwrap()).collect();
    println!("{}", N[0] + N[1]);
}
