use std::{thread, time};
fn main() {
    println!("37");
    thread::sleep(time::Duration::from_millis(300));
    for _ in 0..1000 { println!("more"); }
}
