// Every form a state can have (V transposed, streams, extensions, sliding windows), and right states of each.

#pragma once

#include "state_builder.h"

struct state_form {
    const char * name;
    lsm::state_layout layout;
};

using cell_list = std::vector<built_cell>;

inline lsm::kv_section make_section(bool has_ext, bool v_trans, size_t n_layer, bool has_v = true) {
    lsm::kv_section section;
    section.has_ext = has_ext;
    section.v_trans = v_trans;
    for (size_t il = 0; il < n_layer; ++il) {
        section.k.push_back({ 1, 64 + 32 * il, 0, 0 });
        if (has_v) {
            section.v.push_back(v_trans ? lsm::kv_tensor { 1, 2 * 24, 2, 24 } : lsm::kv_tensor { 8, 34, 0, 0 });
        }
    }
    return section;
}

inline std::vector<state_form> state_forms() {
    const auto plain  = make_section(false, false, 2);
    const auto window = make_section(false, false, 3);
    return {
        { "unified", { "llama", 1, { plain } } },
        { "V transposed", { "llama", 1, { make_section(false, true, 2) } } },
        { "streams", { "qwen2", 4, { plain } } },
        { "extension", { "qwen2vl", 1, { make_section(true, false, 2) } } },
        { "no V", { "deepseek2", 1, { make_section(false, false, 2, false) } } },
        { "sliding window", { "gemma3", 1, { plain, window } } },
        { "sliding window, streams, transposed", { "gemma3", 4, { make_section(false, true, 1), make_section(false, true, 2) } } },
    };
}

// 64 cells a stream, 4 sequences, a vocabulary of 100.
inline lsm::context_limits limits_of_form(const lsm::state_layout & layout) {
    return { layout.n_stream == 1 ? 64u : 64u * 4, 64, 4, 100 };
}

// n cells of consecutive positions.
inline cell_list cell_run(llama_pos first, size_t n, const std::vector<llama_seq_id> & seq_ids) {
    cell_list out;
    for (size_t i = 0; i < n; ++i) {
        out.push_back({ first + (llama_pos) i, seq_ids });
    }
    return out;
}

// The cells are in the stream of the sequence: the last one, if there are several.
inline void put_sections(state_builder & b, const lsm::state_layout & layout, const cell_list & cells) {
    for (const lsm::kv_section & section : layout.sections) {
        b.put(layout.n_stream);
        for (uint32_t s = 0; s + 1 < layout.n_stream; ++s) {
            b.stream(section, {});
        }
        b.stream(section, cells);
    }
}

inline state_builder context_state(const lsm::state_layout & layout, const cell_list & cells) {
    state_builder b;
    b.arch(layout.arch);
    put_sections(b, layout, cells);
    return b;
}

inline state_builder sequence_state(const lsm::state_layout & layout, const cell_list & cells) {
    state_builder b;
    put_sections(b, layout, cells);
    return b;
}
