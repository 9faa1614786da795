// The engine over the stand-in for libllama.

#include "fake_llama.h"

#include <stdexcept>

std::shared_ptr<llama_model> load_tiny_model(const model_shape & shape) {
    static const bool is_linked = llama_state_mmap_link();
    (void) is_linked;
    return std::make_shared<llama_model>(llama_model { shape, { (int32_t) shape.n_vocab } });
}

engine::engine(std::shared_ptr<llama_model> loaded, const context_shape & shape, bool calibrated)
    : model(std::move(loaded)), context(fake_context_new(model.get(), shape)) {
    if (calibrated && !llama_state_mmap_calibrate(context)) {
        throw std::runtime_error("cannot calibrate: " + last_error());
    }
}

engine::~engine() {
    llama_state_mmap_forget(context);
    fake_context_free(context);
}

bool engine::try_decode(const std::vector<llama_seq_id> & seq_ids, const tokens_t & tokens) {
    std::vector<llama_token> list = tokens;
    std::vector<llama_seq_id> ids = seq_ids;
    std::vector<int32_t> n_seq_id(list.size(), (int32_t) ids.size());
    std::vector<llama_seq_id *> ids_of(list.size(), ids.data());
    llama_batch batch = {};
    batch.n_tokens = (int32_t) list.size();
    batch.token    = list.data();
    batch.n_seq_id = n_seq_id.data();
    batch.seq_id   = ids_of.data();
    return llama_decode(context, batch) == 0;
}

logits_t engine::decode(llama_seq_id seq_id, const tokens_t & tokens) {
    if (!try_decode({ seq_id }, tokens)) {
        throw std::runtime_error("llama_decode failed");
    }
    return fake_logits(context, seq_id);
}
