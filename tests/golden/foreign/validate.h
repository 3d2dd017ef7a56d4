#pragma once
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <string>
static std::ifstream judge_in, judge_ans;
static std::istream author_out(std::cin.rdbuf());
static std::string feedbackdir;
inline void say(const char *name, const char *format, va_list words) {
    FILE *f = fopen((feedbackdir + "/" + name).c_str(), "a");
    if (!f) abort();
    vfprintf(f, format, words);
    fclose(f);
}
inline void judge_message(const char *format, ...) {
    va_list words;
    va_start(words, format);
    say("judgemessage.txt", format, words);
    va_end(words);
}
inline void wrong_answer(const char *format, ...) {
    va_list words;
    va_start(words, format);
    say("judgemessage.txt", format, words);
    va_end(words);
    exit(43);
}
inline void accept() { exit(42); }
inline void init_io(int argc, char **argv) {
    if (argc < 4) abort();
    judge_in.open(argv[1]);
    judge_ans.open(argv[2]);
    feedbackdir = argv[3];
    if (!judge_in || !judge_ans) abort();
}
