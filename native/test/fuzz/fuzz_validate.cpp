// Fuzz target: open and validate, without llama.cpp. Whatever the bytes are, the answer is a code or a content that
// lies within the file and within what the context can hold; and the file, mapped, says what the bytes say.

#include "fuzz_target.h"

#include "byte_reader.h"
#include "report.h"
#include "session.h"
#include "support/state_forms.h"
#include "xxh64.h"

#include <cstring>
#include <set>

using namespace lsm;

namespace {

struct verdict {
    llama_state_mmap_error code;
    session_content content;
};

// Few cells, so that small files reach the limits.
context_limits small_limits(const state_layout & layout) {
    return { 16 * layout.n_stream, 16, 4, 100 };
}

const std::vector<fuzz_subject> & subjects() {
    static const std::vector<fuzz_subject> all = [] {
        std::vector<fuzz_subject> out;
        for (const state_form & form : state_forms()) {
            for (const state_kind kind : { state_kind::context, state_kind::sequence }) {
                out.push_back({ { form.layout, small_limits(form.layout), nullptr }, kind });
            }
        }
        return out;
    }();
    return all;
}

map_mode mode_of(uint8_t selector) {
    constexpr map_mode modes[] = { map_mode::read_only, map_mode::copy_on_write, map_mode::read_write };
    return modes[selector / subjects().size() % std::size(modes)];
}

size_t largest(const fuzz_subject & subject) {
    const calibration & known = subject.known;
    return subject.kind == state_kind::context ? layout_size_max(known.layout, known.limits)
                                               : layout_seq_size_max(known.layout, known.limits.n_ctx_seq, known.limits.n_ctx);
}

verdict check(const fuzz_subject & subject, const uint8_t * data, size_t size) {
    verdict out = { LLAMA_STATE_MMAP_OK, {} };
    report_clear();
    if (!check_content(subject.known, subject.kind, data, size, out.content)) {
        out = { report_code(), {} };
        ENSURE(out.code != LLAMA_STATE_MMAP_OK && *report_message() != '\0');
    }
    return out;
}

// What was accepted, read again by a simpler reader that relies on it.
class accepted_state {
public:
    accepted_state(const fuzz_subject & subject, const uint8_t * data, size_t size) : subject(subject), in(data, size) {}

    void ensure_possible() {
        const state_layout & layout = subject.known.layout;
        if (subject.kind == state_kind::context) {
            ENSURE(number() == layout.arch.size());
            ENSURE(in.skip(layout.arch.size()));
        }
        for (const kv_section & section : layout.sections) {
            ENSURE(number() == layout.n_stream);
            for (uint32_t s = 0; s < layout.n_stream; ++s) {
                stream(section, &section != &layout.sections.front());
            }
        }
        ENSURE(in.left() == 0);
    }

private:
    uint32_t number() {
        uint32_t value = 0;
        ENSURE(in.read(value));
        return value;
    }

    void stream(const kv_section & section, bool may_have_gaps) {
        const context_limits & limits = subject.known.limits;
        const uint32_t n_cells = number();
        ENSURE(n_cells <= limits.n_ctx_seq);
        std::vector<std::set<uint32_t>> positions(limits.n_seq_max);
        for (uint32_t c = 0; c < n_cells; ++c) {
            const uint32_t pos = number();
            const uint32_t n_seq_id = number();
            ENSURE(n_seq_id >= 1 && in.skip(section.has_ext ? cell_ext_size : 0));
            for (uint32_t i = 0; i < n_seq_id; ++i) {
                const uint32_t seq_id = number();
                ENSURE(seq_id < limits.n_seq_max);
                ENSURE(positions[seq_id].insert(pos).second); // no position twice
            }
        }
        for (const std::set<uint32_t> & of_sequence : positions) {
            ENSURE(of_sequence.empty() || *of_sequence.rbegin() < 1u << 30);
            ENSURE(may_have_gaps || of_sequence.empty() || *of_sequence.rbegin() - *of_sequence.begin() + 1 == of_sequence.size());
        }
        if (n_cells > 0) {
            rows(section, n_cells);
        }
    }

    void rows(const kv_section & section, uint32_t n_cells) {
        ENSURE(number() == (section.v_trans ? 1u : 0u));
        ENSURE(number() == section.k.size());
        for (const std::vector<kv_tensor> * tensors : { &section.k, &section.v }) {
            for (const kv_tensor & tensor : *tensors) {
                const bool is_columns = tensors == &section.v && section.v_trans;
                ENSURE(number() == (uint32_t) tensor.type);
                ENSURE(number() == (is_columns ? tensor.size_el : (uint32_t) tensor.row_size));
                ENSURE(number() == (is_columns ? tensor.n_embd : 0u)); // or the upper half of the row size
                ENSURE(in.skip(tensor.row_size * n_cells));
            }
        }
    }

    const fuzz_subject & subject;
    byte_reader in;
};

void ensure_sound(const fuzz_subject & subject, const uint8_t * data, size_t size, const verdict & v) {
    if (v.code != LLAMA_STATE_MMAP_OK) {
        return;
    }
    ENSURE(v.content.size > 0 && v.content.size <= size && v.content.size <= largest(subject));
    ENSURE(payload_offset(v.content.n_tokens) <= v.content.size);
    const size_t start = payload_offset(v.content.n_tokens);
    accepted_state(subject, data + start, v.content.size - start).ensure_possible();
    // its exact length is exact
    ENSURE(check(subject, data, v.content.size).content.size == v.content.size);
    ENSURE(check(subject, data, v.content.size - 1).code == LLAMA_STATE_MMAP_BAD_SIZE);
}

// What a writer may not touch is refused before it is changed; everything else opens, with or without content.
void ensure_writer(const fuzz_subject & subject, fuzz_file & file, const uint8_t * data, size_t size, const verdict & v) {
    auto map = session_open(subject.known, file.path(), subject.kind, map_mode::read_write, largest(subject));
    if (!map) {
        ENSURE(v.code == LLAMA_STATE_MMAP_BAD_MAGIC && report_code() == LLAMA_STATE_MMAP_BAD_MAGIC);
        ENSURE(file.size() == size && file.equals(data, size));
        return;
    }
    ENSURE(map->content.size == v.content.size && map->file->size() >= largest(subject));
    ENSURE(session_finish(*map));
    const size_t left = v.content.size > 0 ? v.content.size : size;
    ENSURE(file.size() == left && file.equals(data, left));
}

void ensure_reader(const fuzz_subject & subject, map_mode mode, fuzz_file & file, const uint8_t * data, const verdict & v) {
    const auto map = session_open(subject.known, file.path(), subject.kind, mode, mode == map_mode::read_only ? 0 : largest(subject));
    ENSURE((map != nullptr) == (v.code == LLAMA_STATE_MMAP_OK));
    if (!map) {
        ENSURE(report_code() == v.code);
        return;
    }
    ENSURE(map->content.size == v.content.size && map->content.n_tokens == v.content.n_tokens);
    ENSURE(llama_state_mmap_checksum(map.get()) == xxh64(data, v.content.size, 0));
}

} // namespace

const fuzz_subject & subject_of(uint8_t selector) {
    return subjects()[selector % subjects().size()];
}

std::vector<std::vector<uint8_t>> fuzz_seeds() {
    std::vector<std::vector<uint8_t>> out;
    std::mt19937 random(1);
    for (size_t i = 0; i < subjects().size(); ++i) {
        std::vector<uint8_t> input = random_session(subjects()[i], random);
        input.insert(input.begin(), (uint8_t) (i + i % 3 * subjects().size()));
        out.push_back(input);
    }
    return out;
}

int LLVMFuzzerInitialize(int *, char ***) {
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t * data, size_t size) {
    if (size < 1) {
        return 0;
    }
    static fuzz_file file;
    const uint8_t selector = *data++;
    size--;
    const fuzz_subject & subject = subject_of(selector);
    const verdict v = check(subject, data, size);
    count_input(v.code == LLAMA_STATE_MMAP_OK);
    ensure_sound(subject, data, size, v);

    file.write(data, size);
    const map_mode mode = mode_of(selector);
    report_clear();
    if (mode == map_mode::read_write) {
        ensure_writer(subject, file, data, size, v);
    } else {
        ensure_reader(subject, mode, file, data, v);
    }
    return 0;
}
