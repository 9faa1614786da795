// The cells of one stream, as they stand in a state: see state_walker.h.

#pragma once

#include "byte_reader.h"
#include "state_layout.h"

namespace lsm {

// What the cells of one stream may be.
struct cell_rules {
    const context_limits & limits;
    bool         has_ext;      // every cell carries cell_ext_size more bytes
    bool         allow_gaps;   // sliding windows
    uint32_t     max_seq_ids;  // sequences that may share a cell
    llama_seq_id only_seq_id;  // the one sequence that is possible here; -1 = any
    bool         one_sequence; // all cells must be of the same sequence
};

// Reads `cell_count` cells. False with a report if no context can hold them. seq_id_out: that of the last cell.
bool walk_cells(byte_reader & in, const cell_rules & rules, uint32_t cell_count, llama_seq_id & seq_id_out);

} // namespace lsm
