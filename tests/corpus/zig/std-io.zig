const std = @import("std");

pub fn main() !void {
    var in_buffer: [4096]u8 = undefined;
    var out_buffer: [4096]u8 = undefined;
    var in = std.fs.File.stdin().reader(&in_buffer);
    var out = std.fs.File.stdout().writer(&out_buffer);
    var sum: i64 = 0;
    while (try in.interface.takeDelimiter('\n')) |line| {
        var words = std.mem.tokenizeScalar(u8, line, ' ');
        while (words.next()) |word| sum += try std.fmt.parseInt(i64, word, 10);
    }
    try out.interface.print("{d}\n", .{sum});
    try out.interface.flush();
}
