const std = @import("std");
pub fn main() void {
    var x: u32 = 0;
    while (true) {
        x +%= 1;
        std.mem.doNotOptimizeAway(x);
    }
}
