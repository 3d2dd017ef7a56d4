extern fn scanf(format: [*:0]const u8, ...) c_int;
extern fn printf(format: [*:0]const u8, ...) c_int;

pub fn main() void {
    var a: c_long = 0;
    var b: c_long = 0;
    _ = scanf("%ld %ld", &a, &b);
    _ = printf("%ld\n", a + b);
}
