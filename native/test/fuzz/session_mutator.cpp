#include "session_mutator.h"

#include "byte_reader.h"
#include "support/state_forms.h"

#include <algorithm>

using namespace lsm;

namespace {

constexpr uint32_t n_cells_few = 12; // small files are mutated faster, and hold every structure

uint32_t below(std::mt19937 & random, uint32_t n) {
    return random() % n;
}

// Now and then as many cells as there can be, or one more.
uint32_t random_cell_count(const fuzz_subject & subject, std::mt19937 & random) {
    const uint32_t n_most = subject.known.limits.n_ctx_seq;
    return below(random, 64) == 0 ? n_most - 1 + below(random, 3) : below(random, std::min(n_cells_few, n_most) + 1);
}

// Cells as forks leave them: runs of positions that some sequences share.
cell_list random_cells(const fuzz_subject & subject, llama_seq_id stream_seq_id, std::mt19937 & random) {
    const bool may_share = subject.kind == state_kind::context && subject.known.layout.n_stream == 1;
    const auto first = (llama_pos) below(random, 3);
    const uint32_t n = random_cell_count(subject, random);
    if (!may_share) {
        return cell_run(first, n, { stream_seq_id });
    }
    cell_list out = cell_run(first, n, { 0, 1 });
    const auto tail = first + (llama_pos) n;
    for (const llama_seq_id seq_id : { 0, 1 }) {
        for (const built_cell & cell : cell_run(tail, below(random, 4), { seq_id })) {
            out.push_back(cell);
        }
    }
    for (const built_cell & cell : cell_run(first, below(random, 4), { 2 })) {
        out.push_back(cell);
    }
    return out;
}

// In a sequence file only one stream holds cells, the same ones in every section.
void put_state(state_builder & b, const fuzz_subject & subject, std::mt19937 & random) {
    const state_layout & layout = subject.known.layout;
    const bool is_sequence = subject.kind == state_kind::sequence;
    const uint32_t stream_used = below(random, layout.n_stream);
    const auto seq_id = (llama_seq_id) (layout.n_stream == 1 ? below(random, subject.known.limits.n_seq_max) : stream_used);
    if (!is_sequence) {
        b.arch(layout.arch);
    }
    for (const kv_section & section : layout.sections) {
        b.put(layout.n_stream);
        for (uint32_t s = 0; s < layout.n_stream; ++s) {
            const bool is_empty = is_sequence && s != stream_used;
            b.stream(section, is_empty ? cell_list() : random_cells(subject, is_sequence ? seq_id : (llama_seq_id) s, random));
        }
    }
}

// Where the numbers stand. Follows the file's own counts as far as they lead, believing nothing.
class field_finder {
public:
    field_finder(const fuzz_subject & subject, const std::vector<uint8_t> & file)
        : subject(subject), in(file.data(), file.size()) {}

    std::vector<size_t> find() {
        number(); // magic
        number(); // version
        const uint32_t n_tokens = number();
        for (uint32_t i = 0; i < n_tokens && i < 8; ++i) {
            number();
        }
        in.skip(4 * (uint64_t) (n_tokens > 8 ? n_tokens - 8 : 0));
        if (subject.kind == state_kind::context) {
            in.skip(number());
        }
        for (const kv_section & section : subject.known.layout.sections) {
            const uint32_t n_stream = number();
            for (uint32_t s = 0; s < n_stream && s < 8; ++s) {
                stream(section);
            }
        }
        return fields;
    }

private:
    uint32_t number() {
        uint32_t value = 0;
        const size_t at = in.offset();
        if (in.read(value)) {
            fields.push_back(at);
        }
        return value;
    }

    void stream(const kv_section & section) {
        const uint32_t n_cells = number();
        for (uint32_t c = 0; c < n_cells && c < 64; ++c) {
            number(); // position
            const uint32_t n_seq_id = number();
            in.skip(section.has_ext ? cell_ext_size : 0);
            for (uint32_t i = 0; i < n_seq_id && i < 8; ++i) {
                number();
            }
        }
        if (n_cells == 0 || n_cells > 64) {
            return;
        }
        number(); // V transposed
        number(); // layers
        for (const std::vector<kv_tensor> * tensors : { &section.k, &section.v }) {
            for (const kv_tensor & tensor : *tensors) {
                number(); // type
                number(); // row size, or element size and n_embd
                number();
                in.skip_rows(n_cells, tensor.row_size);
            }
        }
    }

    const fuzz_subject & subject;
    byte_reader in;
    std::vector<size_t> fields;
};

uint32_t wrong_value(const fuzz_subject & subject, uint32_t old, std::mt19937 & random) {
    const context_limits & limits = subject.known.limits;
    const uint32_t values[] = {
        0, 1, 2, 3, 4, 5, old + 1, old - 1, old * 2, ~old, limits.n_ctx, limits.n_ctx + 1, limits.n_ctx_seq + 1, limits.n_seq_max,
        0xFFFF, 0x10000, 0x3FFFFFFF, 0x40000000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, (uint32_t) random(),
    };
    return values[below(random, (uint32_t) std::size(values))];
}

} // namespace

std::vector<uint8_t> random_session(const fuzz_subject & subject, std::mt19937 & random) {
    std::vector<llama_token> tokens(below(random, 8));
    for (llama_token & token : tokens) {
        token = (llama_token) below(random, (uint32_t) subject.known.limits.n_vocab);
    }
    state_builder b;
    b.zeros(payload_offset(tokens.size()));
    put_state(b, subject, random);
    write_header(subject.kind, b.bytes.data(), tokens.data(), (uint32_t) tokens.size());
    write_magic(subject.kind, b.bytes.data());
    return b.bytes;
}

void repair_header(const fuzz_subject & subject, std::vector<uint8_t> & file, std::mt19937 & random) {
    file.resize(std::max(file.size(), header_size));
    uint32_t n_tokens;
    memcpy(&n_tokens, file.data() + 8, sizeof(n_tokens));
    if (n_tokens > (file.size() - header_size) / sizeof(llama_token)) {
        n_tokens = below(random, 3);
    }
    write_header(subject.kind, file.data(), nullptr, 0);
    memcpy(file.data() + 8, &n_tokens, sizeof(n_tokens));
    write_magic(subject.kind, file.data());
}

void tell_a_lie(const fuzz_subject & subject, std::vector<uint8_t> & file, std::mt19937 & random) {
    const std::vector<size_t> fields = field_finder(subject, file).find();
    if (fields.empty()) {
        return;
    }
    const size_t at = fields[below(random, (uint32_t) fields.size())];
    uint32_t value;
    memcpy(&value, file.data() + at, sizeof(value));
    value = wrong_value(subject, value, random);
    memcpy(file.data() + at, &value, sizeof(value));
}
