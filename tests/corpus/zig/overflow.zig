const std = @import("std");
extern fn puts(text: [*:0]const u8) c_int;
pub fn main() void {
    _ = puts("Hello, World!");
    var x: u8 = 255;
    std.mem.doNotOptimizeAway(&x);
    x += 1;
    std.mem.doNotOptimizeAway(x);
}
