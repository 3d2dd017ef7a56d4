#include <bits/stdc++.h>
using namespace std;
mt19937_64 rng(chrono::steady_clock::now().time_since_epoch().count());
int main() {
    random_device rd;
    int n; cin >> n;
    vector<int> a(n); for (int &x : a) cin >> x;
    shuffle(a.begin(), a.end(), rng); shuffle(a.begin(), a.end(), mt19937(rd()));
    sort(a.begin(), a.end());
    for (int i = 0; i < n; i++) cout << a[i] << " \n"[i == n - 1];
}
