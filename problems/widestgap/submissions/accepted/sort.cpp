#include <algorithm>
#include <cstdio>
#include <vector>

int main() {
    int n;
    if (std::scanf("%d", &n) != 1) return 1;
    std::vector<int> values(n);
    for (int &value : values)
        if (std::scanf("%d", &value) != 1) return 1;
    std::sort(values.begin(), values.end());
    int widest = 0;
    for (int i = 1; i < n; i++) widest = std::max(widest, values[i] - values[i - 1]);
    std::printf("%d\n", widest);
}
