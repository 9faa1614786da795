// What a state of one context looks like. llama.h does not tell, so it is learned from a reference state.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "llama.h"

namespace lsm {

// The K or V tensor of one layer. A cell takes row_size bytes of it, stored as one row, or, where V is
// transposed, as n_embd elements of size_el bytes that lie apart.
struct kv_tensor {
    int32_t  type     = 0;
    uint64_t row_size = 0;
    uint32_t size_el  = 0; // transposed only
    uint32_t n_embd   = 0; // transposed only

    bool operator==(const kv_tensor & other) const {
        return type == other.type && row_size == other.row_size && size_el == other.size_el && n_embd == other.n_embd;
    }
};

// One KV cache: most models have one, sliding-window models a second one after it.
struct kv_section {
    bool has_ext = false; // cells carry 2D positions and a token id (12 bytes)
    bool v_trans = false;
    std::vector<kv_tensor> k;
    std::vector<kv_tensor> v;
};

struct state_layout {
    std::string arch;
    uint32_t n_stream = 0; // 1 if KV is unified, else n_seq_max
    std::vector<kv_section> sections;
};

// The sizes of one context that bound what may stand in a file.
struct context_limits {
    uint32_t n_ctx     = 0; // cells of all streams together
    uint32_t n_ctx_seq = 0; // cells of one stream
    uint32_t n_seq_max = 0;
    int32_t  n_vocab   = 0;
};

// llama_state_seq_get_data() begins with this magic and a sequence id; in a file they are left out.
constexpr size_t   seq_prefix_size  = 8;
constexpr uint32_t seq_prefix_magic = 0xaf143cd8;

// Bytes of magic, version and token count before the tokens of a session file.
constexpr size_t header_size = 12;

constexpr size_t cell_ext_size = 12;

// Learns the layout from llama_state_get_data() of a context that holds exactly one cell, of sequence seq_id.
// Nothing if the memory is not made of KV caches.
std::optional<state_layout> layout_from_reference(const uint8_t * data, size_t size, llama_seq_id seq_id, const context_limits & limits);

// Upper bounds for whole files.
size_t layout_size_max    (const state_layout & layout, const context_limits & limits);
size_t layout_seq_size_max(const state_layout & layout, size_t n_cells, size_t n_tokens);

} // namespace lsm
