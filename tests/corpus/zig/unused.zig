pub fn main() void {
    const x = 3;
}
