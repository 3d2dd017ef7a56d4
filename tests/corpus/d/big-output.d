import std.stdio, std.array, std.conv, core.stdc.stdlib;
void main() {
    int n;
    readf(" %d", &n);
    auto app = appender!string;
    foreach (i; 1 .. n + 1) { app.put(i.to!string); app.put('\n'); }
    write(app.data);
    exit(0);
}
