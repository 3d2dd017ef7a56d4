fn main() {
    let mut s = String::new();
    std::io::stdin().read_line(&mut s).unwrap();
    let v: Vec<i32> = s.split_whitespace().map(|x| x.parse::<i64>().unwrap() as i32).collect();
    println!("{}", v[0] + v[1]);
}
