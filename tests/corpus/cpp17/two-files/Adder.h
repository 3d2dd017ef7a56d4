#pragma once
class Adder {
public:
    int add(int a, int b) const;
};
