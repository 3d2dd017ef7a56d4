#pragma comment(linker, "/STACK:256000000")
#include <iostream>
#define SUM(a, b) \
    ((a) + \
     (b))
using namespace std;
int main() {
    int a, b;
    cin >> a >> b;
    cout << SUM(a, b) << endl;
    return 0;
}
