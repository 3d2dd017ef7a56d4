package edu.uni.task;

import edu.uni.lib.impl.PlainAdder;
import java.util.Scanner;

public class Start {
    public static void main(String[] args) {
        Scanner sc = new Scanner(System.in);
        System.out.println(new PlainAdder().add(sc.nextInt(), sc.nextInt()));
    }
}
