#include <iostream>
#include <cstdio>
#ifdef LOCAL
#include "debug.h"
#else
#define debug(...) 42
#endif
using namespace std;
int main() {
#ifndef ONLINE_JUDGE
    freopen("in.txt", "r", stdin);
    freopen("out.txt", "w", stdout);
#endif
    int a, b;
    cin >> a >> b;
    debug(a, b);
    cerr << "debug output " << a << endl;
    cout << a + b << endl;
}
