#[allow(unconditional_recursion)]
fn f(n: u64) -> u64 { let a = [n; 64]; a[(f(n + 1) % 64) as usize] }
fn main() { println!("{}", f(1)); }
