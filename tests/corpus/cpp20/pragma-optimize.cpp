#pragma GCC optimize("O3,unroll-loops")
#pragma GCC target("avx2,bmi,bmi2,lzcnt,popcnt")
#include <bits/stdc++.h>
#define int long long
using namespace std;

signed main() {
    int a, b;
    cin >> a >> b;
    cout << a + b;
}
