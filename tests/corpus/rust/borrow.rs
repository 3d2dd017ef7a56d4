fn main() {
    let s = String::from("Hello, World!");
    let t = s;
    println!("{}", s);
}
