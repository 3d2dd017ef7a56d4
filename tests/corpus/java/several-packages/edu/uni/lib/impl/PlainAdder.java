package edu.uni.lib.impl;

import edu.uni.lib.Adder;

public class PlainAdder implements Adder {
    @Override public int add(int a, int b) { return a + b; }
}
