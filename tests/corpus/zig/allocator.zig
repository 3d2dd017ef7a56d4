const std = @import("std");

fn less(_: void, a: []const u8, b: []const u8) bool {
    return std.mem.order(u8, a, b) == .lt;
}

pub fn main() !void {
    const gpa = std.heap.c_allocator;
    const text = try std.fs.File.stdin().readToEndAlloc(gpa, 1 << 20);
    var count = std.StringHashMap(usize).init(gpa);
    defer count.deinit();
    var keys: std.ArrayList([]const u8) = .empty;
    var words = std.mem.tokenizeAny(u8, text, " \n");
    while (words.next()) |word| {
        const entry = try count.getOrPutValue(word, 0);
        if (entry.value_ptr.* == 0) try keys.append(gpa, word);
        entry.value_ptr.* += 1;
    }
    std.mem.sort([]const u8, keys.items, {}, less);
    var buffer: [1024]u8 = undefined;
    var out = std.fs.File.stdout().writer(&buffer);
    for (keys.items) |key| try out.interface.print("{s} {d}\n", .{ key, count.get(key).? });
    try out.interface.flush();
}
