#include "engine.h"

#include "files.h"
#include "ggml-backend.h"

#include <cstdlib>
#include <cstdio>
#include <stdexcept>

namespace {

void log_nothing(ggml_log_level, const char *, void *) {}

void init_once() {
    static const bool done = [] {
        if (!getenv("WARMFORK_TEST_VERBOSE")) {
            llama_log_set(log_nothing, nullptr); // many tests make llama.cpp complain
        }
        ggml_backend_load_all_from_path(LLAMA_LIB_DIR);
        llama_backend_init();
        return llama_state_mmap_link();
    }();
    (void) done;
}

} // namespace

std::shared_ptr<llama_model> load_tiny_model(const model_shape & shape) {
    init_once();
    const temp_dir dir;
    const std::string path = dir.path("tiny.gguf");
    write_tiny_model(path, shape);
    llama_model_params params = llama_model_default_params();
    params.load_mode = LLAMA_LOAD_MODE_NONE; // the file goes with its folder
    llama_model * model = llama_model_load_from_file(path.c_str(), params);
    if (!model) {
        throw std::runtime_error("cannot load " + path);
    }
    return std::shared_ptr<llama_model>(model, llama_model_free);
}

engine::engine(std::shared_ptr<llama_model> loaded, const context_shape & shape, bool calibrated) : model(std::move(loaded)) {
    llama_context_params params = llama_context_default_params();
    params.n_ctx           = shape.n_ctx;
    params.n_batch         = shape.n_ctx;
    params.n_ubatch        = shape.n_ctx;
    params.n_seq_max       = shape.n_seq_max;
    params.n_threads       = 1;
    params.n_threads_batch = 1;
    params.kv_unified      = shape.is_unified;
    params.flash_attn_type = shape.has_flash ? LLAMA_FLASH_ATTN_TYPE_ENABLED : LLAMA_FLASH_ATTN_TYPE_DISABLED;
    params.type_k          = shape.type_kv;
    params.type_v          = shape.type_v.value_or(shape.type_kv);
    context = llama_init_from_model(model.get(), params);
    if (!context) {
        throw std::runtime_error("cannot create a context");
    }
    if (calibrated && !llama_state_mmap_calibrate(context)) {
        throw std::runtime_error("cannot calibrate: " + last_error());
    }
}

engine::~engine() {
    llama_state_mmap_forget(context);
    llama_free(context);
}

bool engine::try_decode(const std::vector<llama_seq_id> & seq_ids, const tokens_t & tokens) {
    llama_batch batch = llama_batch_init((int32_t) tokens.size(), 0, (int32_t) seq_ids.size());
    const llama_pos first = pos_max(seq_ids[0]) + 1;
    batch.n_tokens = (int32_t) tokens.size();
    for (int32_t i = 0; i < batch.n_tokens; ++i) {
        batch.token[i]    = tokens[i];
        batch.pos[i]      = first + i;
        batch.n_seq_id[i] = (int32_t) seq_ids.size();
        batch.logits[i]   = i + 1 == batch.n_tokens;
        for (size_t s = 0; s < seq_ids.size(); ++s) {
            batch.seq_id[i][s] = seq_ids[s];
        }
    }
    const int32_t code = llama_decode(context, batch);
    llama_batch_free(batch);
    return code == 0;
}

logits_t engine::decode(llama_seq_id seq_id, const tokens_t & tokens) {
    if (!try_decode({ seq_id }, tokens)) {
        throw std::runtime_error("llama_decode failed");
    }
    const float * logits = llama_get_logits_ith(context, -1);
    return logits_t(logits, logits + llama_vocab_n_tokens(llama_model_get_vocab(model.get())));
}
