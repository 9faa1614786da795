// Upper bounds for session files. Positions: 4 bytes; sequence ids: 4 bytes each; counts as in state_walker.cpp.

#include "state_layout.h"

namespace lsm {

namespace {

size_t tensor_header_size(bool transposed) {
    return transposed ? 4 + 4 + 4 : 4 + 8;
}

// What a stream has once if it holds any cell.
size_t stream_header_size(const kv_section & section) {
    return 4 + 4 + section.k.size() * tensor_header_size(false) + section.v.size() * tensor_header_size(section.v_trans);
}

size_t cell_size(const kv_section & section, size_t n_seq_ids) {
    size_t size = 4 + 4 + (section.has_ext ? cell_ext_size : 0) + 4 * n_seq_ids;
    for (const kv_tensor & k : section.k) {
        size += k.row_size;
    }
    for (const kv_tensor & v : section.v) {
        size += v.row_size;
    }
    return size;
}

} // namespace

size_t layout_size_max(const state_layout & layout, const context_limits & limits) {
    // only streams of their own keep sequences from sharing cells
    const size_t n_seq_ids = layout.n_stream == 1 ? limits.n_seq_max : 1;
    const size_t n_cells   = (size_t) limits.n_ctx_seq * layout.n_stream;

    size_t size = header_size + sizeof(llama_token) * limits.n_ctx + 4 + layout.arch.size();
    for (const kv_section & section : layout.sections) {
        size += 4 + layout.n_stream * (4 + stream_header_size(section)) + n_cells * cell_size(section, n_seq_ids);
    }
    return size;
}

size_t layout_seq_size_max(const state_layout & layout, size_t n_cells, size_t n_tokens) {
    size_t size = header_size + sizeof(llama_token) * n_tokens;
    for (const kv_section & section : layout.sections) {
        size += 4 + layout.n_stream * 4 + stream_header_size(section) + n_cells * cell_size(section, 1);
    }
    return size;
}

} // namespace lsm
