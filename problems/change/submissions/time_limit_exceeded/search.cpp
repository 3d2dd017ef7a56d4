#include <iostream>
#include <vector>

static std::vector<int> coins;

static int fewest(int s) {
    if (s == 0) return 0;
    int best = 1 << 29;
    for (int coin : coins)
        if (coin <= s) best = std::min(best, fewest(s - coin) + 1);
    return best;
}

int main() {
    int n, s;
    std::cin >> n >> s;
    coins.resize(n);
    for (int &coin : coins) std::cin >> coin;
    int best = fewest(s);
    std::cout << (best >= 1 << 29 ? -1 : best) << "\n";
}
