#include <bits/stdc++.h>
using namespace std;
struct Big { vector<int> d{1};
  Big& operator*=(int k) { long long c = 0; for (auto& x : d) { c += 1LL * x * k; x = c % 1000000000; c /= 1000000000; } if (c) d.push_back(c); return *this; } };
int main() { int n; cin >> n; Big b; for (int i = 2; i <= n; i++) b *= i;
  printf("%d", b.d.back()); for (int i = (int)b.d.size() - 2; i >= 0; i--) printf("%09d", b.d[i]); }
