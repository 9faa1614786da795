// Checks every length, count and id of a state before llama.cpp sees it: llama.cpp allocates from unchecked
// counts and asserts.
//
// A state is:   [context only: u32 length, architecture]  then per section (KV cache):
//     u32 n_stream, then per stream:
//         u32 cell_count, and unless that is 0:
//             per cell: i32 position, u32 n_seq_id, [12 bytes extension], n_seq_id * i32 sequence id
//             u32 v_trans, u32 n_layer
//             per layer: i32 K type, u64 K row size, cell_count rows
//             per layer: i32 V type, u64 V row size, cell_count rows
//                  or, transposed: i32 V type, u32 element size, u32 n_embd, n_embd * cell_count elements

#pragma once

#include "state_layout.h"

namespace lsm {

enum class state_kind { context, sequence };

struct walked_state {
    size_t   size    = 0; // exact length; what follows is not part of the state
    uint32_t n_cells = 0; // of the first section
};

// False with a report if the state is not one the context can take. Bytes after the state are allowed: a
// pre-allocated file has them.
bool walk_state(const state_layout & layout, const context_limits & limits, state_kind kind,
                const uint8_t * data, size_t size, walked_state & out);

// Bytes of a whole context's state before those of its memory.
size_t arch_size(const state_layout & layout);

// The sequence that every cell of a whole context's state belongs to, and no other does; -1 when there is none, or when
// the state is more than one plain KV cache. The state was walked before.
llama_seq_id only_sequence(const state_layout & layout, const uint8_t * data, size_t size);

} // namespace lsm
