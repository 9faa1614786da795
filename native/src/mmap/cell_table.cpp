#include "cell_table.h"

#include "cell_positions.h"
#include "report.h"

namespace lsm {

namespace {

// Leaves room for decoding on top without overflow of a position.
constexpr llama_pos pos_limit = 1 << 30;

constexpr size_t smallest_cell_size = 4 + 4 + 4;

bool truncated(const byte_reader & in) {
    return fail(LLAMA_STATE_MMAP_BAD_SIZE, "the state ends at byte %zu, within the cells", in.offset() + in.left());
}

class cell_walker {
public:
    cell_walker(byte_reader & in, const cell_rules & rules, llama_seq_id seq_id) : in(in), rules(rules), seq_id_seen(seq_id) {}

    // Calls use(seq_id, pos) for every sequence of every cell.
    template <typename F>
    bool for_each(uint32_t cell_count, F && use) {
        for (cell = 0; cell < cell_count; ++cell) {
            llama_pos pos;
            uint32_t n_seq_id;
            if (!in.read(pos) || !in.read(n_seq_id) || !in.skip(rules.has_ext ? cell_ext_size : 0)) {
                return truncated(in);
            }
            if (!check_cell(pos, n_seq_id) || !for_each_seq_id(pos, n_seq_id, use)) {
                return false;
            }
        }
        return true;
    }

    llama_seq_id last_seq_id() const { return seq_id_seen; }

private:
    bool check_cell(llama_pos pos, uint32_t n_seq_id) const {
        if (pos < 0 || pos >= pos_limit) {
            return fail(LLAMA_STATE_MMAP_BAD_PAYLOAD, "cell %u has position %d", cell, pos);
        }
        if (n_seq_id == 0 || n_seq_id > rules.max_seq_ids) {
            return fail(LLAMA_STATE_MMAP_BAD_PAYLOAD, "cell %u belongs to %u sequences, at most %u are possible", cell, n_seq_id, rules.max_seq_ids);
        }
        return true;
    }

    // llama.cpp writes the ids in ascending order, so that none comes twice.
    template <typename F>
    bool for_each_seq_id(llama_pos pos, uint32_t n_seq_id, F && use) {
        llama_seq_id previous = -1;
        for (uint32_t j = 0; j < n_seq_id; ++j) {
            llama_seq_id seq_id;
            if (!in.read(seq_id)) {
                return truncated(in);
            }
            if (!is_possible(seq_id) || seq_id <= previous) {
                return fail(LLAMA_STATE_MMAP_BAD_PAYLOAD, "cell %u has sequence id %d, which it cannot have", cell, seq_id);
            }
            previous = seq_id_seen = seq_id;
            if (!use(seq_id, pos)) {
                return false;
            }
        }
        return true;
    }

    bool is_possible(llama_seq_id seq_id) const {
        if (seq_id < 0 || (uint32_t) seq_id >= rules.limits.n_seq_max) {
            return false;
        }
        if (rules.only_seq_id != -1 && seq_id != rules.only_seq_id) {
            return false;
        }
        return !rules.one_sequence || seq_id_seen == -1 || seq_id == seq_id_seen;
    }

    byte_reader & in;
    const cell_rules & rules;
    llama_seq_id seq_id_seen;
    uint32_t cell = 0;
};

} // namespace

bool walk_cells(byte_reader & in, const cell_rules & rules, uint32_t cell_count, llama_seq_id & seq_id_out) {
    // before anything is sized by the count
    if (cell_count > in.left() / smallest_cell_size) {
        return truncated(in);
    }
    byte_reader again = in;
    cell_positions positions(rules.limits.n_seq_max);
    cell_walker first(in, rules, seq_id_out);
    const auto extend = [&](llama_seq_id seq_id, llama_pos pos) {
        positions.extend(seq_id, pos);
        return true;
    };
    if (!first.for_each(cell_count, extend)) {
        return false;
    }
    if (!positions.reserve(rules.allow_gaps)) {
        return fail(LLAMA_STATE_MMAP_BAD_PAYLOAD, "the positions of sequence %d are not distinct and contiguous", positions.refused());
    }
    const auto insert = [&](llama_seq_id seq_id, llama_pos pos) {
        return positions.insert(seq_id, pos) || fail(LLAMA_STATE_MMAP_BAD_PAYLOAD, "sequence %d has position %d twice", seq_id, pos);
    };
    seq_id_out = first.last_seq_id();
    return cell_walker(again, rules, seq_id_out).for_each(cell_count, insert);
}

} // namespace lsm
