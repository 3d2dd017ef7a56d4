#include <bits/stdc++.h>
using namespace std;

int main() {
    int n, m;
    cin >> n >> m;
    vector<vector<pair<int, long long>>> roads(n + 1);
    while (m--) {
        int u, v;
        long long w;
        cin >> u >> v >> w;
        roads[u].push_back({v, w});
        roads[v].push_back({u, w});
    }
    vector<long long> best(n + 1, LLONG_MAX);
    priority_queue<pair<long long, int>, vector<pair<long long, int>>, greater<>> queue;
    queue.push({best[1] = 0, 1});
    while (!queue.empty()) {
        auto [time, town] = queue.top();
        queue.pop();
        if (time > best[town]) continue;
        for (auto [other, w] : roads[town])
            if (time + w < best[other]) queue.push({best[other] = time + w, other});
    }
    if (best[n] == LLONG_MAX) cout << "impossible\n";
    else cout << best[n] << "\n";
}
