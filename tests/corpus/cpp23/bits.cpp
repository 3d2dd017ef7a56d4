#include <bits/stdc++.h>
using namespace std;
int main() { cin.tie(nullptr)->sync_with_stdio(false); int n; cin >> n; long long s = 0; for (int x; n-- && cin >> x;) s += x; cout << s << '\n'; }
