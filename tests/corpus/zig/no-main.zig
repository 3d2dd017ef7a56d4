const std = @import("std");
pub fn solve() void {}
