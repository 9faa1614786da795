// What a fuzz program consists of: one target, with the entry points of libFuzzer, and a main() that is libFuzzer's
// or replay_main.cpp. An input is a selector byte (form, kind, mode) and the bytes of a session file.

#pragma once

#include "session_mutator.h"

#include <cstdio>
#include <cstdlib>

// Aborts, so that every runner stops and keeps the input; not an assertion that a release build drops.
#define ENSURE(condition) do { \
        if (!(condition)) { \
            fprintf(stderr, "%s:%d: not true: %s (last error: %s)\n", __FILE__, __LINE__, #condition, \
                    llama_state_mmap_last_error_message()); \
            abort(); \
        } \
    } while (false)

extern "C" {
int    LLVMFuzzerInitialize(int * argc, char *** argv);
int    LLVMFuzzerTestOneInput(const uint8_t * data, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t * data, size_t size, size_t max_size, unsigned int seed);
size_t LLVMFuzzerMutate(uint8_t * data, size_t size, size_t max_size); // the runner's own
}

// Implemented by each target: what the selector byte of an input means for the mutator. Only after Initialize.
const fuzz_subject & subject_of(uint8_t selector);

// Right files of every form and both formats, made by our own code.
std::vector<std::vector<uint8_t>> fuzz_seeds();

// For the line that every run ends with: how many inputs there were, and how many were good sessions.
void count_input(bool is_good);

// The file that inputs are written to: in memory where the system has such a folder.
class fuzz_file {
public:
    fuzz_file();
    ~fuzz_file();

    fuzz_file(const fuzz_file &) = delete;
    fuzz_file & operator=(const fuzz_file &) = delete;

    void write(const uint8_t * data, size_t size);
    size_t size() const;
    bool equals(const uint8_t * data, size_t size) const; // its first `size` bytes

    const char * path() const { return name.c_str(); }

private:
    std::string folder;
    std::string name;
    int fd = -1;
};
