#include "state_layout.h"

#include "byte_reader.h"

namespace lsm {

namespace {

// Beyond these a reference is not a KV cache that was understood.
constexpr uint32_t arch_size_limit = 256;
constexpr uint32_t n_layer_limit   = 4096;
constexpr int32_t  type_limit      = 256;
constexpr uint64_t row_size_limit  = 1u << 26;
constexpr size_t   n_section_limit = 4;

struct reference {
    llama_seq_id seq_id;
    uint32_t     n_stream;
};

bool read_tensor(byte_reader & in, bool transposed, kv_tensor & out) {
    if (!in.read(out.type) || out.type < 0 || out.type >= type_limit) {
        return false;
    }
    if (transposed) {
        if (!in.read(out.size_el) || !in.read(out.n_embd)) {
            return false;
        }
        out.row_size = (uint64_t) out.size_el * out.n_embd;
    } else if (!in.read(out.row_size)) {
        return false;
    }
    return out.row_size > 0 && out.row_size <= row_size_limit && in.skip(out.row_size);
}

bool read_tensors(byte_reader & in, uint32_t n_layer, bool transposed, std::vector<kv_tensor> & out) {
    for (uint32_t il = 0; il < n_layer; ++il) {
        kv_tensor tensor;
        if (!read_tensor(in, transposed, tensor)) {
            return false;
        }
        out.push_back(tensor);
    }
    return true;
}

// The one cell of the reference: position 0, of the sequence that was decoded.
bool read_cell(byte_reader & in, const reference & ref, bool has_ext) {
    llama_pos pos;
    uint32_t n_seq_id;
    llama_seq_id seq_id;
    return in.read(pos) && pos == 0 && in.read(n_seq_id) && n_seq_id == 1 && in.skip(has_ext ? cell_ext_size : 0)
        && in.read(seq_id) && seq_id == ref.seq_id;
}

bool read_cell_counts_before(byte_reader & in, uint32_t n_empty) {
    for (uint32_t s = 0; s < n_empty; ++s) {
        uint32_t cell_count;
        if (!in.read(cell_count) || cell_count != 0) {
            return false;
        }
    }
    return true;
}

// The cell is in the last stream, as its sequence is the last one.
bool read_section(byte_reader & in, const reference & ref, bool has_ext, bool has_v, kv_section & out) {
    uint32_t n_stream;
    uint32_t cell_count;
    uint32_t v_trans;
    uint32_t n_layer;
    if (!in.read(n_stream) || n_stream != ref.n_stream || !read_cell_counts_before(in, n_stream - 1)) {
        return false;
    }
    if (!in.read(cell_count) || cell_count != 1 || !read_cell(in, ref, has_ext)) {
        return false;
    }
    if (!in.read(v_trans) || v_trans > 1 || !in.read(n_layer) || n_layer == 0 || n_layer > n_layer_limit) {
        return false;
    }
    out.has_ext = has_ext;
    out.v_trans = v_trans == 1;
    return read_tensors(in, n_layer, false, out.k) && (!has_v || read_tensors(in, n_layer, out.v_trans, out.v));
}

// Whether cells have an extension, and whether layers have a V tensor, is not written anywhere: only the right
// guess reaches the end exactly.
bool read_sections(byte_reader in, const reference & ref, std::vector<kv_section> & out) {
    if (in.left() == 0) {
        return !out.empty();
    }
    if (out.size() == n_section_limit) {
        return false;
    }
    for (const bool has_ext : { false, true }) {
        for (const bool has_v : { true, false }) {
            byte_reader rest = in;
            kv_section section;
            if (!read_section(rest, ref, has_ext, has_v, section)) {
                continue;
            }
            out.push_back(section);
            if (read_sections(rest, ref, out)) {
                return true;
            }
            out.pop_back();
        }
    }
    return false;
}

} // namespace

std::optional<state_layout> layout_from_reference(const uint8_t * data, size_t size, llama_seq_id seq_id, const context_limits & limits) {
    byte_reader in(data, size);
    state_layout layout;

    uint32_t arch_size;
    if (!in.read(arch_size) || arch_size > arch_size_limit || arch_size > in.left()) {
        return std::nullopt;
    }
    layout.arch.assign((const char *) in.here(), arch_size);
    in.skip(arch_size);

    byte_reader peek = in;
    if (!peek.read(layout.n_stream) || (layout.n_stream != 1 && layout.n_stream != limits.n_seq_max)) {
        return std::nullopt;
    }
    if (!read_sections(in, { seq_id, layout.n_stream }, layout.sections)) {
        return std::nullopt;
    }
    return layout;
}

} // namespace lsm
