// A llama_context. Used on the inference thread only, except abort().
#pragma once

#include "compute-threads.h"
#include "exported-state.h"
#include "image.h"
#include "model-handle.h"
#include "worker-thread.h"

#include <atomic>
#include <functional>
#include <memory>
#include <optional>

struct context_options {
    uint32_t  n_ctx           = 0;
    uint32_t  n_batch         = 0;
    uint32_t  n_ubatch        = 0;
    uint32_t  n_seq_max       = 0;
    int32_t   n_threads       = 0;
    int32_t   n_threads_batch = 0;
    ggml_type kv_type         = GGML_TYPE_F16;
    bool      swa_full        = false;
};

// Decodes are numbered when they are queued. An abort ends those queued before it, never a later one.
using decode_ticket = uint64_t;

// A token that was evaluated before anybody asked for it.
struct decode_ahead {
    llama_seq_id sequence;
    llama_pos    position;
    double       ms;
};

// How a context comes into being, and how its state's layout becomes known. Both set the report when they fail.
struct context_source {
    std::function<lsm::placed_context(llama_model *, const llama_context_params &)> create;
    std::function<bool(llama_context *, lsm::kv_buffer *)>                           calibrate;
};

class context_handle : public native_resource {
public:
    // `worker` runs every call of this context from now on. Throws native_error (ERR_WARMFORK_CONTEXT).
    context_handle(std::shared_ptr<model_handle> model, const context_options & options, worker_thread & worker);

    // On memory of ours; any thread that nobody else uses the context on. Throws native_error (ERR_WARMFORK_SESSION).
    context_handle(std::shared_ptr<model_handle> model, const context_options & options, worker_thread & worker, const context_source & source);

    void interrupt() noexcept override;
    void release() noexcept override;

    // JS thread.
    decode_ticket issue_ticket() { return ++last_ticket; }
    bool          closed = false; // session files keep a closed context's memory, but may not use it
    void          abort() { aborted_up_to = last_ticket; }

    // Inference thread. Before a decode: a context that never decodes needs no threads.
    void start_threads();
    bool is_aborted(decode_ticket ticket) const { return ticket <= aborted_up_to; }
    bool is_unwanted() const { return is_aborted(running) || (runs_ahead && worker.is_disturbed()); } // the running decode

    const std::shared_ptr<model_handle> model;
    const context_options               options;
    worker_thread &                     worker;
    std::shared_ptr<lsm::kv_buffer>     buffer; // where the cells lie; null when llama.cpp chose

    spare_memory spare; // for the next export

    llama_context * ctx    = nullptr;
    llama_memory_t  memory = nullptr;

    uint32_t n_ctx         = 0;
    uint32_t n_batch       = 0;
    uint32_t n_seq_max     = 0;
    uint32_t n_outputs_max = 0;

    size_t state_size_max = 0; // bytes; 0 when session files cannot be mapped

    std::atomic<decode_ticket> running{UINT64_MAX}; // the largest ticket: nothing that an abort could mean
    int32_t                    last_output = -1;    // index in the last batch, -1 when it left no logits

    std::optional<decode_ahead> ahead;              // its logits are the context's
    std::atomic<bool>           runs_ahead{false};

private:
    std::unique_ptr<compute_threads> threads;
    bool                             threads_started = false;

    llama_context_params params();
    void                 learn();

    std::atomic<decode_ticket> aborted_up_to{0};
    decode_ticket              last_ticket = 0;
};
