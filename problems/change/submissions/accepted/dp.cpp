#include <iostream>
#include <vector>

int main() {
    int n, s;
    std::cin >> n >> s;
    std::vector<int> fewest(s + 1, 1 << 30);
    fewest[0] = 0;
    while (n--) {
        int coin;
        std::cin >> coin;
        for (int sum = coin; sum <= s; sum++)
            if (fewest[sum - coin] + 1 < fewest[sum]) fewest[sum] = fewest[sum - coin] + 1;
    }
    std::cout << (fewest[s] == 1 << 30 ? -1 : fewest[s]) << "\n";
}
