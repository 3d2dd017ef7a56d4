#include <coroutine>
#include <exception>
#include <iostream>

struct Gen {
    struct promise_type {
        long value = 0;
        Gen get_return_object() { return Gen{std::coroutine_handle<promise_type>::from_promise(*this)}; }
        std::suspend_always initial_suspend() noexcept { return {}; }
        std::suspend_always final_suspend() noexcept { return {}; }
        std::suspend_always yield_value(long v) noexcept { value = v; return {}; }
        void return_void() {}
        void unhandled_exception() { std::terminate(); }
    };
    std::coroutine_handle<promise_type> h;
    ~Gen() { h.destroy(); }
};

Gen numbers() {
    long x;
    while (std::cin >> x) co_yield x;
}

int main() {
    Gen g = numbers();
    long s = 0;
    for (g.h.resume(); !g.h.done(); g.h.resume()) s += g.h.promise().value;
    std::cout << s << '\n';
}
