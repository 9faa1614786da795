#include "cell_positions.h"

#include <algorithm>

namespace lsm {

namespace {

// A window with gaps may not claim memory for positions it does not have.
constexpr uint64_t gap_factor = 64;

} // namespace

void cell_positions::extend(llama_seq_id seq_id, llama_pos pos) {
    run & r = runs[seq_id];
    r.first = r.count == 0 ? pos : std::min(r.first, pos);
    r.last  = r.count == 0 ? pos : std::max(r.last, pos);
    r.count++;
}

bool cell_positions::reserve(bool allow_gaps) {
    uint64_t n_bits = 0;
    for (size_t seq_id = 0; seq_id < runs.size(); ++seq_id) {
        run & r = runs[seq_id];
        if (r.count == 0) {
            continue;
        }
        const uint64_t length = (uint64_t) r.last - (uint64_t) r.first + 1;
        const bool fits = allow_gaps ? length >= r.count && length <= r.count * gap_factor : length == r.count;
        if (!fits) {
            bad = (llama_seq_id) seq_id;
            return false;
        }
        r.bits = n_bits;
        n_bits += length;
    }
    seen.assign((size_t) n_bits, false);
    return true;
}

bool cell_positions::insert(llama_seq_id seq_id, llama_pos pos) {
    const run & r = runs[seq_id];
    auto bit = seen[(size_t) (r.bits + (uint64_t) (pos - r.first))];
    if (bit) {
        bad = seq_id;
        return false;
    }
    bit = true;
    return true;
}

} // namespace lsm
