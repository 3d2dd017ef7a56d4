use std::io::Read;

struct Grid<const N: usize>([i32; N]);
impl<const N: usize> Grid<N> {
    fn len(&self) -> usize { self.0.len() }
}

fn main() {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).unwrap();
    let mut v: Vec<i32> = text.split_whitespace().skip(1).flat_map(str::parse).collect();
    let zero = Grid::<3>([0; 3]).len() as i32 - 3;
    v.sort_unstable_by_key(|x| x + zero);
    println!("{}", v.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "));
}
