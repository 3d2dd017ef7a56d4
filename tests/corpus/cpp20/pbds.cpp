#include <bits/stdc++.h>
#include <ext/pb_ds/assoc_container.hpp>
#include <ext/pb_ds/tree_policy.hpp>
#include <ext/rope>
using namespace std;
using namespace __gnu_pbds;
template <class T> using ordered_set = tree<T, null_type, less<T>, rb_tree_tag, tree_order_statistics_node_update>;

int main() {
    ordered_set<int> s;
    int n, x;
    scanf("%d", &n);
    while (n--) scanf("%d", &x), s.insert(x);
    for (size_t i = 0; i < s.size(); i++) printf("%d ", *s.find_by_order(i));
}
