// Builds states by hand, in the form that state_walker.h describes, right or wrong.

#pragma once

#include "state_layout.h"

#include <cstring>
#include <string>
#include <vector>

struct built_cell {
    llama_pos pos;
    std::vector<llama_seq_id> seq_ids;
};

class state_builder {
public:
    template <typename T>
    state_builder & put(T value) {
        const size_t at = bytes.size();
        bytes.resize(at + sizeof(T));
        memcpy(bytes.data() + at, &value, sizeof(T));
        return *this;
    }

    state_builder & zeros(size_t n) {
        bytes.resize(bytes.size() + n);
        return *this;
    }

    state_builder & arch(const std::string & name) {
        put((uint32_t) name.size());
        bytes.insert(bytes.end(), name.begin(), name.end());
        return *this;
    }

    state_builder & cells(const lsm::kv_section & section, const std::vector<built_cell> & cells) {
        for (const built_cell & cell : cells) {
            put(cell.pos).put((uint32_t) cell.seq_ids.size()).zeros(section.has_ext ? lsm::cell_ext_size : 0);
            for (const llama_seq_id seq_id : cell.seq_ids) {
                put(seq_id);
            }
        }
        return *this;
    }

    state_builder & layers(const lsm::kv_section & section, size_t n_cells) {
        put((uint32_t) section.v_trans).put((uint32_t) section.k.size());
        for (const lsm::kv_tensor & k : section.k) {
            put(k.type).put(k.row_size).zeros(k.row_size * n_cells);
        }
        for (const lsm::kv_tensor & v : section.v) {
            put(v.type);
            section.v_trans ? put(v.size_el).put(v.n_embd) : put(v.row_size);
            zeros(v.row_size * n_cells);
        }
        return *this;
    }

    // One stream with cells; nothing but the count if there are none.
    state_builder & stream(const lsm::kv_section & section, const std::vector<built_cell> & list) {
        put((uint32_t) list.size());
        return list.empty() ? *this : cells(section, list).layers(section, list.size());
    }

    std::vector<uint8_t> bytes;
};
