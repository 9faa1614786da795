#include "session-handle.h"

#include "session-library.h"

static llama_state_mmap * open_context(llama_context * ctx, const session_options & options) {
    const char * path = options.path.c_str();
    switch (options.mode) {
        case session_mode::read_only:     return llama_state_mmap_open(ctx, path);
        case session_mode::read_write:    return llama_state_mmap_open_rw(ctx, path);
        case session_mode::copy_on_write: return llama_state_mmap_open_cow(ctx, path);
    }
    return nullptr;
}

static llama_state_mmap * open_sequence(llama_context * ctx, const session_options & options) {
    const char * path = options.path.c_str();
    switch (options.mode) {
        case session_mode::read_only:     return llama_state_seq_mmap_open(ctx, path, 0);
        case session_mode::copy_on_write: return llama_state_seq_mmap_open_cow(ctx, path, 0);
        case session_mode::read_write:
            return options.n_cells == 0 ? llama_state_seq_mmap_open_rw(ctx, path, 0)
                                        : llama_state_seq_mmap_open_rw_cells(ctx, path, 0, options.n_cells);
    }
    return nullptr;
}

session_handle::session_handle(std::shared_ptr<context_handle> of_context, const session_options & options, worker_thread & on_disk) :
    context(std::move(of_context)), scope(options.scope), disk(on_disk) {
    llama_context * ctx = context->ctx;
    map = scope == session_scope::context ? open_context(ctx, options) : open_sequence(ctx, options);
    if (map == nullptr) {
        throw last_session_error();
    }
    n_bytes  = llama_state_mmap_content_size(map);
    snapshot = llama_state_mmap_is_snapshot(map);
}

std::vector<llama_token> session_handle::load(llama_seq_id sequence) {
    const std::lock_guard<std::mutex> lock(mutex);

    size_t n = 0;
    llama_state_mmap_tokens(map, &n);
    std::vector<llama_token> tokens(n);
    context->last_output = -1;

    const bool loaded = scope == session_scope::context
        ? llama_state_mmap_load(context->ctx, map, tokens.data(), tokens.size(), &n)
        : llama_state_seq_mmap_load(context->ctx, map, sequence, tokens.data(), tokens.size(), &n);
    if (!loaded) {
        throw last_session_error();
    }
    tokens.resize(n);
    return tokens;
}

size_t session_handle::save(llama_seq_id sequence, const std::vector<llama_token> & tokens) {
    const std::lock_guard<std::mutex> lock(mutex);

    const size_t n_saved = scope == session_scope::context
        ? llama_state_mmap_save(context->ctx, map, tokens.data(), tokens.size())
        : llama_state_seq_mmap_save(context->ctx, map, sequence, tokens.data(), tokens.size());
    n_bytes = llama_state_mmap_content_size(map);
    if (n_saved == 0) {
        throw last_session_error();
    }
    return n_saved;
}

size_t session_handle::save_state(const state_memory & state, const std::vector<llama_token> & tokens) {
    const std::lock_guard<std::mutex> lock(mutex);

    const size_t n_saved = llama_state_seq_mmap_save_state(context->ctx, map, state.data(), state.size(), tokens.data(), tokens.size());
    n_bytes = llama_state_mmap_content_size(map);
    if (n_saved == 0) {
        throw last_session_error();
    }
    return n_saved;
}

void session_handle::sync() {
    const std::lock_guard<std::mutex> lock(mutex);
    llama_state_mmap_sync(map);
    throw_session_error();
}

uint64_t session_handle::checksum() {
    const std::lock_guard<std::mutex> lock(mutex);
    if (llama_state_mmap_content_size(map) == 0) {
        throw session_error(llama_state_mmap_error_name(LLAMA_STATE_MMAP_ABSENT), "the session file has no content");
    }
    return llama_state_mmap_checksum(map);
}

void session_handle::close() {
    const std::lock_guard<std::mutex> lock(mutex);
    llama_state_mmap_free(map);
    map = nullptr;
    throw_session_error();
}

void session_handle::release() noexcept {
    const std::lock_guard<std::mutex> lock(mutex);
    if (map != nullptr) {
        llama_state_mmap_free(map);
        map = nullptr;
    }
}
