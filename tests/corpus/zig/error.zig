extern fn puts(text: [*:0]const u8) c_int;
pub fn main() !void {
    _ = puts("Hello, World!");
    return error.No;
}
