#include <bits/stdc++.h>
using namespace std;
struct Grid {
    int r, c; string cells;
    char operator[](int i, int j) const { return i < 0 || j < 0 || i >= r || j >= c ? '#' : cells[i * c + j]; }
};
int main() {
    int r, c; cin >> r >> c;
    Grid g{r, c, ""};
    for (string s; cin >> s;) g.cells += s;
    vector<int> d(r * c, -1);
    deque<int> q;
    for (auto i = 0uz; i < g.cells.size(); i++) if (g.cells[i] == 'S') d[i] = 0, q.push_back(i);
    while (!q.empty()) {
        int i = q.front() / c, j = q.front() % c, v = d[q.front()];
        q.pop_front();
        if (g[i, j] == 'E') return cout << v << endl, 0;
        for (auto [a, b] : {array{i + 1, j}, {i - 1, j}, {i, j + 1}, {i, j - 1}})
            if (g[a, b] != '#' && d[a * c + b] < 0) d[a * c + b] = v + 1, q.push_back(a * c + b);
    }
    cout << -1;
}
