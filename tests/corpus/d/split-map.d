import std;
void main() {
    auto a = readln.split.map!(to!int).array;
    writeln(a.sum);
}
