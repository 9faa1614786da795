#include "context-handle.h"

#include "llama-log.h"
#include "native-error.h"
#include "session-library.h"

#include "report.h"

#include <algorithm>

// More outputs than this in one batch are of no use here, and each costs a row of the vocabulary in the compute buffer.
static constexpr uint32_t min_outputs = 64;

static llama_context_params to_params(const context_options & options) {
    llama_context_params params = llama().llama_context_default_params();

    params.n_ctx           = options.n_ctx;
    params.n_batch         = options.n_batch;
    params.n_ubatch        = options.n_ubatch;
    params.n_seq_max       = options.n_seq_max;
    params.n_outputs_max   = std::max(options.n_seq_max, std::min(options.n_batch, min_outputs)); // llama.cpp asserts the first
    params.n_threads       = options.n_threads;
    params.n_threads_batch = options.n_threads_batch;
    params.flash_attn_type = LLAMA_FLASH_ATTN_TYPE_ENABLED;
    params.type_k          = options.kv_type;
    params.type_v          = options.kv_type;
    params.swa_full        = options.swa_full;
    params.kv_unified      = true;
    params.no_perf         = true;
    return params;
}

llama_context_params context_handle::params() {
    llama_context_params params = to_params(options);

    params.abort_callback_data = this;
    params.abort_callback      = [](void * self) {
        return static_cast<const context_handle *>(self)->is_unwanted();
    };
    return params;
}

context_handle::context_handle(std::shared_ptr<model_handle> of_model, const context_options & with, worker_thread & on) :
    model(std::move(of_model)), options(with), worker(on) {
    log_install();

    const log_capture log;
    ctx = llama().llama_init_from_model(model->model, params());
    if (ctx == nullptr) {
        throw context_error(log.failure("llama.cpp could not create the context"));
    }
    if (llama().llama_get_memory(ctx) == nullptr) {
        release();
        throw context_error("the model has no memory: it cannot continue a sequence");
    }
    // Fails for memory that is no plain KV cache; opening a session file then says so.
    llama_state_mmap_calibrate(ctx);
    learn();
}

context_handle::context_handle(std::shared_ptr<model_handle> of_model, const context_options & with, worker_thread & on,
                               const context_source & source) :
    model(std::move(of_model)), options(with), worker(on) {
    log_install();
    lsm::report_clear();

    const log_capture   log;
    lsm::placed_context placed = source.create(model->model, params());
    ctx    = placed.ctx;
    buffer = std::move(placed.buffer);
    if (ctx == nullptr || !source.calibrate(ctx, buffer.get())) {
        const native_error error = last_session_error();
        release();
        throw error;
    }
    learn();
}

void context_handle::learn() {
    memory        = llama().llama_get_memory(ctx);
    n_ctx         = llama().llama_n_ctx(ctx);
    n_batch       = llama().llama_n_batch(ctx);
    n_seq_max     = llama().llama_n_seq_max(ctx);
    n_outputs_max = std::min(to_params(options).n_outputs_max, n_batch);

    state_size_max = llama_state_size_max(ctx); // 0 without calibration
}

void context_handle::start_threads() {
    if (threads_started) {
        return;
    }
    threads_started = true;
    threads         = compute_threads::start(std::max(options.n_threads, options.n_threads_batch));
    if (threads) {
        llama().llama_attach_threadpool(ctx, threads->get(), nullptr);
    }
}

void context_handle::interrupt() noexcept {
    aborted_up_to = UINT64_MAX;
}

void context_handle::release() noexcept {
    if (ctx != nullptr) {
        llama_state_mmap_forget(ctx);
        llama().llama_free(ctx);
        ctx = nullptr;
        threads.reset();
    }
}
