fn main() {
    let mut s = String::new();
    std::io::stdin().read_line(&mut s).unwrap();
    let n: u32 = s.trim().parse().unwrap();
    let mut d = vec![1u32];
    for k in 2..=n {
        let mut carry = 0;
        for x in d.iter_mut() {
            let v = *x * k + carry;
            *x = v % 10;
            carry = v / 10;
        }
        while carry > 0 { d.push(carry % 10); carry /= 10; }
    }
    println!("{}", d.iter().rev().map(|x| x.to_string()).collect::<Vec<_>>().concat());
}
