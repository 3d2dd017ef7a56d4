import java.util.Scanner;

public class Solution {
    public static void main(String[] args) {
        Scanner sc = new Scanner(System.in);
        System.out.println(Helper.add(sc.nextInt(), sc.nextInt()));
    }
}
