#include <cstdlib>
#include <iostream>
using namespace std;
void finish() { exit(0); }
int main() {
    ios::sync_with_stdio(0);
    cin.tie(0);
    int n;
    cin >> n;
    for (int i = 1; i <= n; ++i) cout << i << '\n';
    finish();
}
