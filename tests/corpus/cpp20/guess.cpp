#include <iostream>
#include <string>
using namespace std;
int main() {
    int lo = 1, hi = 1000;
    string s;
    do {
        cout << (lo + hi) / 2 << endl;
        cin >> s;
        if (s == "higher") lo = (lo + hi) / 2 + 1;
        else hi = (lo + hi) / 2 - 1;
    } while (s != "correct");
}
