extern fn scanf(format: [*:0]const u8, ...) c_int;
extern fn printf(format: [*:0]const u8, ...) c_int;
extern fn exit(code: c_int) noreturn;
pub fn main() void {
    var n: c_int = 0;
    _ = scanf("%d", &n);
    var i: c_int = 1;
    while (i <= n) : (i += 1) _ = printf("%d\n", i);
    exit(0);
}
