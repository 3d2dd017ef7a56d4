#include <bits/stdc++.h>
using namespace std;
using ll = long long;
#define fi first
#define se second
int main() { pair<ll, ll> p; cin >> p.fi >> p.se; cout << p.fi + p.se << "\n"; }
