package com.example.contest.round12;

import java.util.Scanner;

/**
 * @author John Doe
 */
public class ProblemA {
    static class Pair { int x, y; }

    public static void main(String[] args) {
        Scanner sc = new Scanner(System.in);
        Pair p = new Pair();
        p.x = sc.nextInt(); p.y = sc.nextInt();
        System.out.println(p.x + p.y);
    }
}
