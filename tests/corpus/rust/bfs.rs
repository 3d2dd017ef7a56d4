use std::collections::VecDeque;
use std::io::Read;

fn main() {
    let mut s = String::new();
    std::io::stdin().read_to_string(&mut s).unwrap();
    let mut lines = s.lines();
    let dims: Vec<usize> = lines.next().unwrap().split(' ').map(|x| x.parse().unwrap()).collect();
    let (r, c) = (dims[0], dims[1]);
    let g: Vec<Vec<u8>> = lines.take(r).map(|l| l.bytes().collect()).collect();
    let mut dist = vec![vec![None; c]; r];
    let mut q = VecDeque::new();
    for i in 0..r {
        for j in 0..c {
            if g[i][j] == b'S' {
                dist[i][j] = Some(0);
                q.push_back((i, j));
            }
        }
    }
    let mut best: i32 = -1;
    while let Some((x, y)) = q.pop_front() {
        let d: i32 = dist[x][y].unwrap();
        if g[x][y] == b'E' {
            best = d;
            break;
        }
        for &(dx, dy) in &[(0i32, 1i32), (1, 0), (0, -1), (-1, 0)] {
            let (nx, ny) = (x as i32 + dx, y as i32 + dy);
            if nx < 0 || ny < 0 || nx >= r as i32 || ny >= c as i32 {
                continue;
            }
            let (nx, ny) = (nx as usize, ny as usize);
            if g[nx][ny] != b'#' && dist[nx][ny].is_none() {
                dist[nx][ny] = Some(d + 1);
                q.push_back((nx, ny));
            }
        }
    }
    println!("{}", best);
}
