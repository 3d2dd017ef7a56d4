extern fn printf(format: [*:0]const u8, ...) c_int;
extern fn fflush(stream: ?*anyopaque) c_int;
pub fn main() void {
    _ = printf("37\n");
    _ = fflush(null);
    var i: c_int = 0;
    while (i < 100000) : (i += 1) _ = printf("%d\n", i);
}
