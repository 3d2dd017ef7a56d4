extern fn puts(text: [*:0]const u8) c_int;
pub fn main() void {
    const umlaut = "ü";
    if (umlaut.len == 2) _ = puts("Hello, World!");
}
