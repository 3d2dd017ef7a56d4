#include <bits/stdc++.h>
using namespace std;
int main() {
    int n;
    cin >> n;
    vector<vector<int>> g(n + 1);
    for (int i = 1; i <= n; i++) g[i - 1].push_back(i);
    long long s = 0;
    function<void(int, int)> dfs = [&](int v, int p) { s += v; for (int u : g[v]) if (u != p) dfs(u, v); };
    dfs(0, -1);
    cout << s;
}
