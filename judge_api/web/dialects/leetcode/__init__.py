"""LeetCode's paths and shapes: submit, run, poll, look back."""

from judge_api.web.dialects.leetcode.views import blueprint

__all__ = ["blueprint"]
