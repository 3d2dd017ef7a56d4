fn main() -> Result<(), std::num::ParseIntError> {
    let mut s = String::new();
    std::io::stdin().read_line(&mut s).ok();
    let x: i32 = s.parse()?;
    println!("{}", x);
    Ok(())
}
