// A tiny model and contexts of it, with the calls that tests need.

#pragma once

#include "llama_state_mmap.h"
#include "tiny_model.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

using tokens_t = std::vector<llama_token>;
using logits_t = std::vector<float>;

struct context_shape {
    uint32_t  n_ctx      = 256;
    uint32_t  n_seq_max  = 4;
    bool      is_unified = true;
    bool      has_flash  = true; // without it V is stored transposed
    ggml_type type_kv    = GGML_TYPE_F16;
    std::optional<ggml_type> type_v = {}; // V has its own
};

// Loads backends once, writes and loads a model. WARMFORK_TEST_VERBOSE=1 shows llama.cpp's log.
std::shared_ptr<llama_model> load_tiny_model(const model_shape & shape);

// A context; calibrated, unless told otherwise. Forgotten and freed at the end.
class engine {
public:
    explicit engine(std::shared_ptr<llama_model> model, const context_shape & shape = {}, bool calibrated = true);
    ~engine();

    engine(const engine &) = delete;
    engine & operator=(const engine &) = delete;

    // Evaluates the tokens in one batch, behind what the sequence has. Returns the logits of the last one.
    logits_t decode(llama_seq_id seq_id, const tokens_t & tokens);

    // False if there was no room.
    bool try_decode(const std::vector<llama_seq_id> & seq_ids, const tokens_t & tokens);

    void fork(llama_seq_id from, llama_seq_id to, llama_pos p0 = -1) { llama_memory_seq_cp(memory(), from, to, p0, -1); }
    void drop(llama_seq_id seq_id) { llama_memory_seq_rm(memory(), seq_id, -1, -1); }
    llama_pos pos_max(llama_seq_id seq_id) { return llama_memory_seq_pos_max(memory(), seq_id); }

    std::vector<uint8_t> state();
    std::vector<uint8_t> seq_state(llama_seq_id seq_id);

    llama_context * ctx() { return context; }
    llama_memory_t  memory() { return llama_get_memory(context); }

private:
    std::shared_ptr<llama_model> model;
    llama_context * context;
};

// n tokens that depend on the seed, all within the vocabulary of the tiny model.
tokens_t some_tokens(size_t n, unsigned seed);

struct handle_deleter { void operator()(llama_state_mmap * map) const { llama_state_mmap_free(map); } };
using handle = std::unique_ptr<llama_state_mmap, handle_deleter>;

// "name: message" of the last error.
std::string last_error();
