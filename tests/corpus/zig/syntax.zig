pub fn main() void {
    const x = 3
    _ = x;
}
