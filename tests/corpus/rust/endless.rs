fn main() {
    let mut x = 1u64;
    while x != 0 {
        x = x.wrapping_mul(6364136223846793005).wrapping_add(1) | 1;
    }
    println!("{}", x);
}
