// @compile-ends exited|output|cpu|wall|memory  @compile-limits cpu=1 wall=2 memory=256  @compile-fails
template <class A> struct X { typename A::x a; X<X<A>> b; };
X<int> x;
int main() { return y; }
