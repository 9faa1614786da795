// The positions of every sequence in one cell table: distinct, and forming one contiguous run each.

#pragma once

#include <cstdint>
#include <vector>

#include "llama.h"

namespace lsm {

// Used in two passes over the cells: extend() all, reserve(), then insert() all.
class cell_positions {
public:
    explicit cell_positions(uint32_t n_seq_max) : runs(n_seq_max) {}

    void extend(llama_seq_id seq_id, llama_pos pos);

    // False if some sequence has fewer or more cells than positions in its range.
    // With allow_gaps (sliding windows) only more cells than positions are refused.
    bool reserve(bool allow_gaps);

    // False if the sequence has the position already.
    bool insert(llama_seq_id seq_id, llama_pos pos);

    // The first sequence that reserve() or insert() refused.
    llama_seq_id refused() const { return bad; }

private:
    struct run {
        llama_pos first = 0;
        llama_pos last  = 0;
        uint32_t  count = 0;
        uint64_t  bits  = 0; // where its positions start in `seen`
    };

    std::vector<run>  runs;
    std::vector<bool> seen;
    llama_seq_id      bad = -1;
};

} // namespace lsm
