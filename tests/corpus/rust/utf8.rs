fn main() {
    let mut größe = String::new();
    std::io::stdin().read_line(&mut größe).unwrap();
    println!("{}", größe.trim_end().chars().rev().collect::<String>());
}
