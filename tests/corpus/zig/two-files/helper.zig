pub fn add(a: c_int, b: c_int) c_int {
    return a + b;
}
