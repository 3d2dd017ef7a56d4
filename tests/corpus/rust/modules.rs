mod geometry {
    pub mod point {
        #[derive(Debug, Clone, Copy, PartialEq)]
        pub struct Point {
            pub x: i64,
            pub y: i64,
        }
        impl std::ops::Add for Point {
            type Output = Point;
            fn add(self, o: Point) -> Point {
                Point { x: self.x + o.x, y: self.y + o.y }
            }
        }
    }
}
use geometry::point::Point;

trait Total {
    fn total(&self) -> i64;
}
impl Total for Point {
    fn total(&self) -> i64 {
        self.x + self.y
    }
}

fn main() {
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).unwrap();
    let mut it = line.split_ascii_whitespace().map(|w| w.parse::<i64>().unwrap());
    let p = Point { x: it.next().unwrap(), y: 0 } + Point { x: 0, y: it.next().unwrap() };
    println!("{}", p.total());
}
