// Runs this test program again as a child, with a scenario's name and a path, to be killed or to end by itself.
// child_<system>.cpp implements it.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

// Exit code, or 256 + the signal that ended it.
int run_child(const std::vector<std::string> & arguments);

// A child that prints one line and then waits to be killed. Made once the line has come.
class background_child {
public:
    explicit background_child(const std::vector<std::string> & arguments);
    ~background_child(); // kills and waits

    background_child(const background_child &) = delete;
    background_child & operator=(const background_child &) = delete;

    std::string first_line;

    void kill();

private:
    intptr_t pid    = -1; // on Windows the process's handle
    intptr_t output = -1;
};

// In a child. The first is for fault_scope and does not return.
int kill_this_process();
[[noreturn]] void wait_to_be_killed();

// What run_child() gives for kill_this_process().
constexpr int killed = 256 + 9;
