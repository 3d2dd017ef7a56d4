#include <iostream>
#include <map>
#include <string>
using namespace std;
int main() {
    map<string, int> m; string w;
    while (cin >> w) ++m[w];
    for (auto const& [k, v] : m) cout << k << ' ' << v << '\n';
}
