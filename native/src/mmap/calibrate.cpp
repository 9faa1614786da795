#include "registry.h"
#include "report.h"

#include <vector>

namespace lsm {

namespace {

bool is_empty(const llama_state_mmap_llama_api & llama, llama_memory_t memory, uint32_t n_seq_max) {
    for (uint32_t seq_id = 0; seq_id < n_seq_max; ++seq_id) {
        if (llama.llama_memory_seq_pos_max(memory, (llama_seq_id) seq_id) >= 0) {
            return false;
        }
    }
    return true;
}

int32_t decode_one(const llama_state_mmap_llama_api & llama, llama_context * ctx, llama_seq_id seq_id) {
    const llama_token bos = llama.llama_vocab_bos(llama.llama_model_get_vocab(llama.llama_get_model(ctx)));

    llama_token    token    = bos >= 0 ? bos : 0;
    int32_t        n_seq_id = 1;
    llama_seq_id * seq_ids  = &seq_id;

    llama_batch batch = {};
    batch.n_tokens = 1;
    batch.token    = &token;
    batch.n_seq_id = &n_seq_id;
    batch.seq_id   = &seq_ids;
    return llama.llama_decode(ctx, batch);
}

// Clears what was decoded, however calibration ends. The buffers need no wiping: unused cells are masked.
class clear_at_end {
public:
    clear_at_end(const llama_state_mmap_llama_api & llama, llama_memory_t memory) : llama(llama), memory(memory) {}
    ~clear_at_end() { llama.llama_memory_clear(memory, false); }

    clear_at_end(const clear_at_end &) = delete;
    clear_at_end & operator=(const clear_at_end &) = delete;

private:
    const llama_state_mmap_llama_api & llama;
    llama_memory_t memory;
};

bool not_understood(const char * why) {
    return fail(LLAMA_STATE_MMAP_UNSUPPORTED, "the memory of this model is not a KV cache that can be mapped: %s", why);
}

bool learn(const llama_state_mmap_llama_api & llama, llama_context * ctx, llama_seq_id seq_id, calibration & out) {
    std::vector<uint8_t> state(llama.llama_state_get_size(ctx));
    if (state.empty() || llama.llama_state_get_data(ctx, state.data(), state.size()) != state.size()) {
        return not_understood("llama.cpp gave no state");
    }
    std::optional<state_layout> layout = layout_from_reference(state.data(), state.size(), seq_id, out.limits);
    if (!layout) {
        return not_understood("its state has another form");
    }
    out.layout = std::move(*layout);

    // the same layout must explain the other format too
    const size_t want = layout_seq_size_max(out.layout, 1, 0) - header_size + seq_prefix_size;
    const size_t got  = llama.llama_state_seq_get_size(ctx, seq_id);
    return got == want || not_understood("the state of a sequence has an unexpected size");
}

} // namespace

bool calibrate(llama_context * ctx) {
    const llama_state_mmap_llama_api * llama = api();
    if (llama == nullptr) {
        return false;
    }
    const llama_memory_t memory = llama->llama_get_memory(ctx);
    if (memory == nullptr) {
        return not_understood("it has none");
    }
    calibration c;
    c.limits = limits_of(*llama, ctx);
    c.model  = llama->llama_get_model(ctx);
    if (!is_empty(*llama, memory, c.limits.n_seq_max)) {
        return fail(LLAMA_STATE_MMAP_NOT_CALIBRATED, "the context holds tokens already; call llama_state_mmap_calibrate() right after creating it");
    }

    const llama_seq_id seq_id = (llama_seq_id) c.limits.n_seq_max - 1;
    const clear_at_end clear(*llama, memory);
    const int32_t code = decode_one(*llama, ctx, seq_id);
    if (code != 0) {
        return not_understood(("decoding one token failed with code " + std::to_string(code)).c_str());
    }
    if (!learn(*llama, ctx, seq_id, c)) {
        return false;
    }
    remember(ctx, std::move(c));
    return true;
}

} // namespace lsm
