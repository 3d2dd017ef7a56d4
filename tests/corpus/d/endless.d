import core.volatile;
void main() { uint x; for (;;) volatileStore(&x, 1); }
