// Changes session files in ways that get past the first checks: it knows where the counts stand.

#pragma once

#include "session_content.h"

#include <cstdint>
#include <random>
#include <vector>

// What inputs are made for: a context's layout, and one of the two formats.
struct fuzz_subject {
    lsm::calibration known;
    lsm::state_kind  kind;
};

// A right file: random cells, sequences, tokens and K/V bytes.
std::vector<uint8_t> random_session(const fuzz_subject & subject, std::mt19937 & random);

// Magic and version as they must be, and not more tokens than there are bytes for.
void repair_header(const fuzz_subject & subject, std::vector<uint8_t> & file, std::mt19937 & random);

// One count, id, position or size gets a value that is likely to be wrong.
void tell_a_lie(const fuzz_subject & subject, std::vector<uint8_t> & file, std::mt19937 & random);
