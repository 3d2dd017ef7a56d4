fn main() {
    let mut v: Vec<Vec<u8>> = vec![];
    loop {
        v.push(vec![1; 1 << 20]);
        if v.len() == usize::MAX { println!("{:?}", v); }
    }
}
