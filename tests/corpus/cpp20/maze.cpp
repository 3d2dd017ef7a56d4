#include <bits/stdc++.h>
using namespace std;
int main() {
    int r, c; cin >> r >> c;
    vector<string> g(r); for (auto& s : g) cin >> s;
    auto cmp = [](const auto& a, const auto& b) { return get<0>(a) > get<0>(b); };
    priority_queue<tuple<int, int, int>, vector<tuple<int, int, int>>, decltype(cmp)> q(cmp);
    set<pair<int, int>> seen;
    for (int i = 0; i < r; i++) for (int j = 0; j < c; j++) if (g[i][j] == 'S') q.emplace(0, i, j);
    while (!q.empty()) {
        auto [d, x, y] = q.top(); q.pop();
        if (!seen.insert({x, y}).second) continue;
        if (g[x][y] == 'E') return cout << d << endl, 0;
        for (auto [dx, dy] : {pair{0, 1}, {1, 0}, {0, -1}, {-1, 0}})
            if (int u = x + dx, v = y + dy; u >= 0 && v >= 0 && u < r && v < c && g[u][v] != '#') q.emplace(d + 1, u, v);
    }
    puts("-1");
}
