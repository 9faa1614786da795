// An open session file; one call at a time. Load and save run on the inference thread, the rest on its disk's thread: the one
// for saves if it is a writer, else the I/O thread. A writer of a calibrated context is opened there too, everything else on
// the inference thread.
#pragma once

#include "context-handle.h"
#include "exported-state.h"

#include "llama_state_mmap.h"

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

enum class session_mode { read_only, read_write, copy_on_write };
enum class session_scope { context, sequence };

struct session_options {
    std::string   path;
    session_mode  mode    = session_mode::read_only;
    session_scope scope   = session_scope::context;
    size_t        n_cells = 0; // read-write sequence files: disk space for so many cells; 0: for the whole context
};

class session_handle : public native_resource {
public:
    // All throw native_error (ERR_WARMFORK_SESSION).
    session_handle(std::shared_ptr<context_handle> context, const session_options & options, worker_thread & disk);

    // Inference thread:
    std::vector<llama_token> load(llama_seq_id sequence);
    size_t                   save(llama_seq_id sequence, const std::vector<llama_token> & tokens);

    // `disk`:
    size_t   save_state(const state_memory & state, const std::vector<llama_token> & tokens);
    void     sync();
    uint64_t checksum();
    void     close();

    void release() noexcept override;

    // Any thread. Bytes of the content, 0 when there is none.
    size_t content_size() const { return n_bytes; }

    const std::shared_ptr<context_handle> context;
    const session_scope                   scope;
    worker_thread &                       disk;

    bool is_snapshot() const { return snapshot; }

private:
    std::mutex          mutex;
    llama_state_mmap *  map = nullptr;
    std::atomic<size_t> n_bytes{0};
    bool                snapshot = false;
};
