#include "state_walker.h"

#include "byte_reader.h"
#include "cell_table.h"
#include "report.h"

#include <cstring>

namespace lsm {

namespace {

bool truncated(const byte_reader & in, const char * what) {
    return fail(LLAMA_STATE_MMAP_BAD_SIZE, "the state ends at byte %zu, within %s", in.offset() + in.left(), what);
}

bool differs(const char * what, uint64_t got, uint64_t want) {
    return fail(LLAMA_STATE_MMAP_INCOMPATIBLE, "%s is %llu, this context has %llu; evaluate the tokens again",
                what, (unsigned long long) got, (unsigned long long) want);
}

class walker {
public:
    walker(const state_layout & layout, const context_limits & limits, state_kind kind, const uint8_t * data, size_t size)
        : layout(layout), limits(limits), kind(kind), in(data, size) {}

    bool walk(walked_state & out) {
        if (kind == state_kind::context && !walk_arch()) {
            return false;
        }
        for (size_t i = 0; i < layout.sections.size(); ++i) {
            if (!walk_section(layout.sections[i], i > 0)) {
                return false;
            }
            out.n_cells = i == 0 ? n_cells_section : out.n_cells;
        }
        out.size = in.offset();
        return true;
    }

private:
    bool walk_arch() {
        uint32_t length;
        if (!in.read(length) || length > in.left()) {
            return truncated(in, "the architecture name");
        }
        if (length != layout.arch.size() || memcmp(in.here(), layout.arch.data(), length) != 0) {
            return fail(LLAMA_STATE_MMAP_INCOMPATIBLE, "the state is of another model architecture than '%s'", layout.arch.c_str());
        }
        return in.skip(length);
    }

    bool walk_section(const kv_section & section, bool is_window) {
        uint32_t n_stream;
        if (!in.read(n_stream)) {
            return truncated(in, "the stream count");
        }
        if (n_stream != layout.n_stream) {
            return differs("the stream count", n_stream, layout.n_stream);
        }
        n_cells_section = 0;
        for (uint32_t s = 0; s < n_stream; ++s) {
            if (!walk_stream(section, s, is_window)) {
                return false;
            }
        }
        return true;
    }

    bool walk_stream(const kv_section & section, uint32_t stream, bool is_window) {
        uint32_t cell_count;
        if (!in.read(cell_count)) {
            return truncated(in, "a cell count");
        }
        if (cell_count > limits.n_ctx_seq) {
            return fail(LLAMA_STATE_MMAP_BAD_PAYLOAD, "the state has %u cells in a stream, this context has %u", cell_count, limits.n_ctx_seq);
        }
        if (cell_count == 0) {
            return true;
        }
        if (kind == state_kind::sequence && n_cells_section > 0) {
            return fail(LLAMA_STATE_MMAP_BAD_PAYLOAD, "the sequence has cells in more than one stream");
        }
        n_cells_section += cell_count;
        return walk_cells(in, rules_of(section, stream, is_window), cell_count, seq_id_file) && walk_layers(section, cell_count);
    }

    cell_rules rules_of(const kv_section & section, uint32_t stream, bool is_window) const {
        const bool is_sequence = kind == state_kind::sequence;
        const bool is_unified  = layout.n_stream == 1;
        cell_rules rules = { limits, section.has_ext, is_window, 1, -1, is_sequence };
        rules.max_seq_ids = is_unified && !is_sequence ? limits.n_seq_max : 1;
        rules.only_seq_id = is_unified ? -1 : (llama_seq_id) stream; // a stream is that of one sequence
        return rules;
    }

    bool walk_layers(const kv_section & section, uint32_t cell_count) {
        uint32_t v_trans;
        uint32_t n_layer;
        if (!in.read(v_trans) || !in.read(n_layer)) {
            return truncated(in, "the layer count");
        }
        if (v_trans != (section.v_trans ? 1u : 0u)) {
            return differs("V transposition", v_trans, section.v_trans ? 1 : 0);
        }
        if (n_layer != section.k.size()) {
            return differs("the layer count", n_layer, section.k.size());
        }
        for (const kv_tensor & k : section.k) {
            if (!walk_rows(k, cell_count)) {
                return false;
            }
        }
        for (const kv_tensor & v : section.v) {
            if (!(section.v_trans ? walk_columns(v, cell_count) : walk_rows(v, cell_count))) {
                return false;
            }
        }
        return true;
    }

    bool walk_rows(const kv_tensor & tensor, uint32_t cell_count) {
        int32_t type;
        uint64_t row_size;
        if (!in.read(type) || !in.read(row_size)) {
            return truncated(in, "a layer header");
        }
        if (type != tensor.type) {
            return differs("a K or V type", (uint32_t) type, (uint32_t) tensor.type);
        }
        if (row_size != tensor.row_size) {
            return differs("a K or V row size", row_size, tensor.row_size);
        }
        return in.skip_rows(cell_count, tensor.row_size) || truncated(in, "K or V rows");
    }

    bool walk_columns(const kv_tensor & tensor, uint32_t cell_count) {
        int32_t type;
        uint32_t size_el;
        uint32_t n_embd;
        if (!in.read(type) || !in.read(size_el) || !in.read(n_embd)) {
            return truncated(in, "a layer header");
        }
        if (type != tensor.type) {
            return differs("a V type", (uint32_t) type, (uint32_t) tensor.type);
        }
        if (size_el != tensor.size_el) {
            return differs("a V element size", size_el, tensor.size_el);
        }
        if (n_embd != tensor.n_embd) {
            return differs("a V embedding size", n_embd, tensor.n_embd);
        }
        return in.skip_rows(cell_count, tensor.row_size) || truncated(in, "V columns");
    }

    const state_layout   & layout;
    const context_limits & limits;
    const state_kind       kind;

    byte_reader  in;
    uint32_t     n_cells_section = 0;
    llama_seq_id seq_id_file     = -1; // a sequence file has one, in every section
};

} // namespace

bool walk_state(const state_layout & layout, const context_limits & limits, state_kind kind,
                const uint8_t * data, size_t size, walked_state & out) {
    return walker(layout, limits, kind, data, size).walk(out);
}

size_t arch_size(const state_layout & layout) {
    return sizeof(uint32_t) + layout.arch.size();
}

llama_seq_id only_sequence(const state_layout & layout, const uint8_t * data, size_t size) {
    if (layout.n_stream != 1 || layout.sections.size() != 1 || layout.sections[0].has_ext) {
        return -1;
    }
    byte_reader in(data, size);
    uint32_t cell_count = 0;
    in.skip(arch_size(layout) + sizeof(layout.n_stream));
    in.read(cell_count);
    llama_seq_id only = -1;
    for (uint32_t i = 0; i < cell_count; ++i) {
        llama_seq_id seq_id;
        uint32_t n_seq_id;
        if (!in.skip(sizeof(llama_pos)) || !in.read(n_seq_id) || n_seq_id != 1 || !in.read(seq_id) || (i > 0 && seq_id != only)) {
            return -1;
        }
        only = seq_id;
    }
    return only;
}

} // namespace lsm
