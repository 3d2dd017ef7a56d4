extern fn scanf(format: [*:0]const u8, ...) c_int;
extern fn printf(format: [*:0]const u8, ...) c_int;
pub fn main() void {
    var a: c_int = 0;
    var b: c_int = 0;
    _ = scanf("%d%d", &a, &b);
    _ = printf("%d\n", a + b);
}
