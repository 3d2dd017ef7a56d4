#include <bits/stdc++.h>
using namespace std;
template <typename T> struct Fenwick {
    int n; vector<T> t;
    explicit Fenwick(int n) : n(n), t(n + 1) {}
    void add(int i, T x) { for (++i; i <= n; i += i & -i) t[i] += x; }
    T sum(int i) const { T r{}; for (; i > 0; i -= i & -i) r += t[i]; return r; }
    friend ostream& operator<<(ostream& o, const Fenwick& f) { return o << f.sum(f.n); }
};
struct Tree : Fenwick<long long> { using Fenwick::Fenwick; };
int main() {
    int n; cin >> n;
    Tree f(n);
    for (int i = 0, x; i < n; i++) { cin >> x; f.add(i, x); }
    cout << f << '\n';
}
