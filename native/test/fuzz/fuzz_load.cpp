// Fuzz target: open, validate and load into a real small context, which must work afterwards. What loads must come out
// of the context again as it stood in the file.

#include "fuzz_target.h"

#include "support/engine.h"

#include <cstring>

using namespace lsm;

namespace {

struct target {
    std::unique_ptr<engine> e;
    fuzz_subject subject;
};

std::vector<target> * targets; // kept for the life of the process

constexpr llama_seq_id dest_seq_id      = 1;
constexpr llama_seq_id neighbour_seq_id = 3;
constexpr int          n_neighbour      = 3;
const tokens_t         neighbour_tokens = some_tokens(n_neighbour, 9);

const target & target_of(uint8_t selector) {
    return (*targets)[selector % targets->size()];
}

void add_targets(const std::shared_ptr<llama_model> & model, const context_shape & shape) {
    for (const state_kind kind : { state_kind::context, state_kind::sequence }) {
        auto e = std::make_unique<engine>(model, shape);
        e->decode(0, { 1 }); // what llama.cpp allocates at the first decode is no concern of a file
        const auto known = find_calibration(e->ctx());
        targets->push_back({ std::move(e), { *known, kind } });
    }
}

// Reads like the modes it stands for; the sequence id only has to exist.
handle open_input(const target & t, const char * path, unsigned mode) {
    llama_context * ctx = t.e->ctx();
    const bool whole = t.subject.kind == state_kind::context;
    switch (mode) {
        case 0:  return handle(whole ? llama_state_mmap_open(ctx, path) : llama_state_seq_mmap_open(ctx, path, 0));
        case 1:  return handle(whole ? llama_state_mmap_open_cow(ctx, path) : llama_state_seq_mmap_open_cow(ctx, path, 0));
        default: return handle(whole ? llama_state_mmap_open_rw(ctx, path) : llama_state_seq_mmap_open_rw(ctx, path, 0));
    }
}

bool load_input(const target & t, llama_state_mmap * map, size_t & n_tokens) {
    llama_context * ctx = t.e->ctx();
    llama_token tokens[1024];
    return t.subject.kind == state_kind::context
        ? llama_state_mmap_load(ctx, map, tokens, std::size(tokens), &n_tokens)
        : llama_state_seq_mmap_load(ctx, map, dest_seq_id, tokens, std::size(tokens), &n_tokens);
}

void ensure_context_is(const target & t, const uint8_t * payload, size_t size) {
    if (t.subject.kind == state_kind::sequence) {
        ENSURE(llama_state_seq_get_size(t.e->ctx(), dest_seq_id) == size + seq_prefix_size);
        return;
    }
    const std::vector<uint8_t> got = t.e->state();
    ENSURE(got.size() == size && memcmp(got.data(), payload, size) == 0);
}

// One more token, if a cell is free: positions and cells are consistent, or llama.cpp would not go on.
void ensure_context_works(const target & t) {
    t.e->try_decode({ t.subject.kind == state_kind::context ? 0 : dest_seq_id }, { 5 });
    ENSURE(llama_state_get_size(t.e->ctx()) <= llama_state_size_max(t.e->ctx()));
}

void try_input(const target & t, llama_state_mmap * map, const uint8_t * data, bool has_neighbour) {
    size_t n_tokens = 0;
    const size_t size = llama_state_mmap_content_size(map);
    const bool is_loaded = load_input(t, map, n_tokens);
    count_input(is_loaded);
    if (size == 0) { // a writer's handle on a file without content
        ENSURE(!is_loaded && llama_state_mmap_last_error() != LLAMA_STATE_MMAP_OK);
        return;
    }
    // checked means loadable; only cells that others hold can be in the way
    ENSURE(is_loaded || (has_neighbour && llama_state_mmap_last_error() == LLAMA_STATE_MMAP_REFUSED));
    if (is_loaded) {
        const size_t start = payload_offset(n_tokens);
        ensure_context_is(t, data + start, size - start);
    }
}

} // namespace

const fuzz_subject & subject_of(uint8_t selector) {
    return target_of(selector).subject;
}

// Sessions that real contexts saved.
std::vector<std::vector<uint8_t>> fuzz_seeds() {
    std::vector<std::vector<uint8_t>> out;
    std::mt19937 random(1);
    for (size_t i = 0; i < targets->size(); ++i) {
        std::vector<uint8_t> input = random_session((*targets)[i].subject, random);
        input.insert(input.begin(), (uint8_t) i);
        out.push_back(input);
        engine & e = *(*targets)[i].e;
        const tokens_t tokens = some_tokens(6, (unsigned) i);
        llama_memory_clear(e.memory(), false);
        e.decode(dest_seq_id, tokens);
        const bool whole = (*targets)[i].subject.kind == state_kind::context;
        std::vector<uint8_t> state = whole ? e.state() : e.seq_state(dest_seq_id);
        state.erase(state.begin(), state.begin() + (whole ? 0 : seq_prefix_size));
        std::vector<uint8_t> file(payload_offset(tokens.size()));
        write_header((*targets)[i].subject.kind, file.data(), tokens.data(), (uint32_t) tokens.size());
        write_magic((*targets)[i].subject.kind, file.data());
        file.insert(file.end(), state.begin(), state.end());
        file.insert(file.begin(), (uint8_t) (i + targets->size() * (1 + i % 5)));
        out.push_back(file);
    }
    return out;
}

int LLVMFuzzerInitialize(int *, char ***) {
    targets = new std::vector<target>();
    const auto model = load_tiny_model({ 1, 64, 2, 1, 64 });
    add_targets(model, { 256, 4, true, true, GGML_TYPE_F16 });
    add_targets(model, { 1024, 4, false, false, GGML_TYPE_F16 });
    add_targets(model, { 256, 4, true, true, GGML_TYPE_Q8_0 });
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t * data, size_t size) {
    if (size < 1) {
        return 0;
    }
    static fuzz_file file;
    const uint8_t selector = *data++;
    size--;
    const target & t = target_of(selector);
    const unsigned mode = selector / targets->size() % 3;
    const bool has_neighbour = selector / targets->size() / 3 % 2 == 1;

    llama_memory_clear(t.e->memory(), false);
    if (has_neighbour) {
        t.e->decode(neighbour_seq_id, neighbour_tokens);
    }
    file.write(data, size);
    const handle map = open_input(t, file.path(), mode);
    if (!map) {
        ENSURE(llama_state_mmap_last_error() != LLAMA_STATE_MMAP_OK);
        count_input(false);
    } else {
        try_input(t, map.get(), data, has_neighbour);
        ensure_context_works(t);
    }
    if (has_neighbour && t.subject.kind == state_kind::sequence) {
        ENSURE(t.e->pos_max(neighbour_seq_id) == n_neighbour - 1);
    }
    return 0;
}
