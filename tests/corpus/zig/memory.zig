const std = @import("std");
pub fn main() !void {
    while (true) {
        const a = try std.heap.c_allocator.alloc(u8, 1 << 20);
        @memset(a, 1);
        std.mem.doNotOptimizeAway(a.ptr);
    }
}
