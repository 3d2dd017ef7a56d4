extern fn scanf(format: [*:0]const u8, ...) c_int;
extern fn printf(format: [*:0]const u8, ...) c_int;
fn Sum(comptime T: type) type {
    return struct {
        fn of(n: T) T {
            return if (n == 0) 0 else n + of(n - 1);
        }
    };
}
pub fn main() void {
    var n: c_long = 0;
    _ = scanf("%ld", &n);
    _ = printf("%ld\n", Sum(c_long).of(n));
}
