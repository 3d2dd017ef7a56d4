import java.util.*;

public class Main {
    static class Node {
        int val;
        Node next;
        Node(int val) { this.val = val; }
    }

    public static void main(String[] args) {
        Scanner sc = new Scanner(System.in);
        Node head = new Node(sc.nextInt());
        head.next = new Node(sc.nextInt());
        int sum = 0;
        for (Node n = head; n != null; n = n.next) sum += n.val;
        System.out.println(sum);
    }
}
