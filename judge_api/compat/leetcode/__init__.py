"""The part of LeetCode's API that its command-line clients and editor plugins call."""
