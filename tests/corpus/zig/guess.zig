const std = @import("std");
pub fn main() !void {
    var in_buffer: [64]u8 = undefined;
    var out_buffer: [64]u8 = undefined;
    var in = std.fs.File.stdin().reader(&in_buffer);
    var out = std.fs.File.stdout().writer(&out_buffer);
    var lo: u32 = 1;
    var hi: u32 = 1000;
    while (true) {
        const m = (lo + hi) / 2;
        try out.interface.print("{d}\n", .{m});
        try out.interface.flush();
        const line = try in.interface.takeDelimiterExclusive('\n');
        in.interface.toss(1);
        if (std.mem.eql(u8, line, "higher")) {
            lo = m + 1;
        } else if (std.mem.eql(u8, line, "lower")) {
            hi = m - 1;
        } else break;
    }
}
