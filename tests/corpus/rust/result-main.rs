use std::error::Error;
use std::io::{self, BufRead};

fn main() -> Result<(), Box<dyn Error>> {
    let mut sum = 0i64;
    for line in io::stdin().lock().lines() {
        for w in line?.split_whitespace() {
            sum += w.parse::<i64>()?;
        }
    }
    println!("{sum}");
    Ok(())
}
