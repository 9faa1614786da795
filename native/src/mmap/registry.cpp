#include "registry.h"

#include "report.h"

#include <mutex>
#include <unordered_map>

namespace lsm {

namespace {

std::mutex mutex;
llama_state_mmap_llama_api table = {};
bool is_table_set = false;
std::unordered_map<const llama_context *, std::shared_ptr<const calibration>> known;

bool is_complete(const llama_state_mmap_llama_api & t) {
    return t.llama_n_ctx && t.llama_n_ctx_seq && t.llama_n_seq_max && t.llama_get_model && t.llama_get_memory
        && t.llama_model_get_vocab && t.llama_vocab_n_tokens && t.llama_vocab_bos && t.llama_decode
        && t.llama_memory_clear && t.llama_memory_seq_rm && t.llama_memory_seq_pos_max
        && t.llama_state_get_size && t.llama_state_get_data && t.llama_state_set_data
        && t.llama_state_seq_get_size && t.llama_state_seq_get_data && t.llama_state_seq_set_data;
}

bool same_context(const calibration & c, const context_limits & limits, const llama_model * model) {
    return c.model == model && c.limits.n_ctx == limits.n_ctx && c.limits.n_ctx_seq == limits.n_ctx_seq
        && c.limits.n_seq_max == limits.n_seq_max;
}

} // namespace

bool set_api(const llama_state_mmap_llama_api & t) {
    if (!is_complete(t)) {
        return fail(LLAMA_STATE_MMAP_NO_API, "the table of llama.cpp functions misses one");
    }
    const std::lock_guard<std::mutex> hold(mutex);
    table = t;
    is_table_set = true;
    return true;
}

const llama_state_mmap_llama_api * api() {
    const std::lock_guard<std::mutex> hold(mutex);
    if (!is_table_set) {
        fail(LLAMA_STATE_MMAP_NO_API, "no llama.cpp functions are installed; call llama_state_mmap_set_api() first");
        return nullptr;
    }
    return &table;
}

context_limits limits_of(const llama_state_mmap_llama_api & llama, const llama_context * ctx) {
    context_limits limits;
    limits.n_ctx     = llama.llama_n_ctx(ctx);
    limits.n_ctx_seq = llama.llama_n_ctx_seq(ctx);
    limits.n_seq_max = llama.llama_n_seq_max(ctx);
    limits.n_vocab   = llama.llama_vocab_n_tokens(llama.llama_model_get_vocab(llama.llama_get_model(ctx)));
    return limits;
}

std::shared_ptr<const calibration> find_calibration(const llama_context * ctx) {
    const llama_state_mmap_llama_api * llama = api();
    if (llama == nullptr) {
        return nullptr;
    }
    std::shared_ptr<const calibration> found;
    {
        const std::lock_guard<std::mutex> hold(mutex);
        const auto it = known.find(ctx);
        found = it == known.end() ? nullptr : it->second;
    }
    if (found && same_context(*found, limits_of(*llama, ctx), llama->llama_get_model(ctx))) {
        return found;
    }
    fail(LLAMA_STATE_MMAP_NOT_CALIBRATED, "this context is not calibrated; call llama_state_mmap_calibrate() right after creating it");
    return nullptr;
}

std::shared_ptr<const calibration> calibration_of(llama_context * ctx) {
    std::shared_ptr<const calibration> found = find_calibration(ctx);
    if (found || report_code() != LLAMA_STATE_MMAP_NOT_CALIBRATED || !calibrate(ctx)) {
        return found;
    }
    report_clear();
    return find_calibration(ctx);
}

bool calibrate_from(llama_context * ctx, const llama_context * ctx_ref) {
    const llama_state_mmap_llama_api * llama = api();
    const std::shared_ptr<const calibration> ref = find_calibration(ctx_ref);
    if (!llama || !ref) {
        return false;
    }
    const context_limits limits = limits_of(*llama, ctx);
    if (llama->llama_get_model(ctx) != ref->model || limits.n_seq_max != ref->limits.n_seq_max) {
        return fail(LLAMA_STATE_MMAP_INCOMPATIBLE, "the reference context has another model or n_seq_max (%u, not %u)",
                    ref->limits.n_seq_max, limits.n_seq_max);
    }
    const uint32_t n_stream = limits.n_ctx_seq == limits.n_ctx ? 1 : limits.n_seq_max;
    if (n_stream != ref->layout.n_stream) {
        return fail(LLAMA_STATE_MMAP_INCOMPATIBLE, "the reference context has %u streams of cells, not %u", ref->layout.n_stream, n_stream);
    }
    remember(ctx, { ref->layout, limits, ref->model });
    return true;
}

void forget(const llama_context * ctx) {
    const std::lock_guard<std::mutex> hold(mutex);
    known.erase(ctx);
}

void remember(const llama_context * ctx, calibration c) {
    const std::lock_guard<std::mutex> hold(mutex);
    known[ctx] = std::make_shared<const calibration>(std::move(c));
}

} // namespace lsm
