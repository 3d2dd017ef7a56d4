import std.stdio, std.parallelism, std.algorithm;
void main() {
    int[2] a;
    readf(" %d %d", &a[0], &a[1]);
    auto pool = new TaskPool(2);
    scope (exit) pool.finish();
    writeln(pool.reduce!"a + b"(a[]));
}
