// The C API: checks arguments, keeps exceptions inside, and calls the functions of session.h.

#include "llama_state_mmap.h"

#include "counters.h"
#include "report.h"
#include "session.h"

#include <algorithm>
#include <exception>
#include <new>

using namespace lsm;

namespace {

// Runs one call of the API: its report starts clean, and nothing is thrown into C.
template <typename T, typename F>
T guarded(T failure, F && call) noexcept {
    report_clear();
    try {
        return call();
    } catch (const std::bad_alloc &) {
        fail(LLAMA_STATE_MMAP_NO_MEMORY, "out of memory");
    } catch (const std::exception & error) {
        fail(LLAMA_STATE_MMAP_IO, "unexpected failure: %s", error.what());
    } catch (...) {
        fail(LLAMA_STATE_MMAP_IO, "unexpected failure");
    }
    return failure;
}

bool no_null(const void * a, const void * b) {
    return (a && b) || fail(LLAMA_STATE_MMAP_BAD_ARGUMENT, "an argument is NULL");
}

size_t seq_size_max(const calibration & known, size_t n_cells) {
    const size_t n_tokens = std::min<size_t>(n_cells, known.limits.n_ctx);
    return layout_seq_size_max(known.layout, std::min<size_t>(n_tokens, known.limits.n_ctx_seq), n_tokens);
}

llama_state_mmap * open_context(llama_context * ctx, const char * path, map_mode mode) {
    return guarded((llama_state_mmap *) nullptr, [&]() -> llama_state_mmap * {
        const auto known = no_null(ctx, path) ? calibration_of(ctx) : nullptr;
        if (!known) {
            return nullptr;
        }
        return session_open(*known, path, state_kind::context, mode, layout_size_max(known->layout, known->limits)).release();
    });
}

llama_state_mmap * open_sequence(llama_context * ctx, const char * path, llama_seq_id seq_id, map_mode mode, size_t n_cells) {
    return guarded((llama_state_mmap *) nullptr, [&]() -> llama_state_mmap * {
        const auto known = no_null(ctx, path) ? calibration_of(ctx) : nullptr;
        if (!known || !check_seq_id(*known, seq_id)) {
            return nullptr;
        }
        return session_open(*known, path, state_kind::sequence, mode, seq_size_max(*known, n_cells)).release();
    });
}

bool check_handle(const llama_context * ctx, const llama_state_mmap * map, state_kind kind) {
    return no_null(ctx, map)
        && (map->kind == kind || fail(LLAMA_STATE_MMAP_BAD_ARGUMENT, "a handle of a %s was given to a function for the other kind",
                                      map->kind == state_kind::context ? "whole context" : "sequence"));
}

bool load(llama_context * ctx, llama_state_mmap * map, state_kind kind, llama_seq_id seq_id, token_buffer tokens) {
    return guarded(false, [&] { return check_handle(ctx, map, kind) && session_load(ctx, *map, seq_id, tokens); });
}

size_t save(llama_context * ctx, llama_state_mmap * map, state_kind kind, llama_seq_id seq_id, token_list tokens) {
    return guarded((size_t) 0, [&]() -> size_t {
        if (!check_handle(ctx, map, kind) || (tokens.n > 0 && !no_null(tokens.data, map))) {
            return 0;
        }
        return session_save(ctx, *map, seq_id, tokens);
    });
}

constexpr size_t       all_cells = SIZE_MAX;
constexpr llama_seq_id no_seq_id = -1;

} // namespace

bool llama_state_mmap_set_api(const llama_state_mmap_llama_api * table) {
    return guarded(false, [&] { return no_null(table, table) && set_api(*table); });
}

bool llama_state_mmap_supported(void) {
    return mapped_file_supported();
}

bool llama_state_mmap_calibrate(llama_context * ctx) {
    return guarded(false, [&] { return no_null(ctx, ctx) && calibrate(ctx); });
}

bool llama_state_mmap_calibrate_from(llama_context * ctx, const llama_context * ctx_ref) {
    return guarded(false, [&] { return no_null(ctx, ctx_ref) && calibrate_from(ctx, ctx_ref); });
}

void llama_state_mmap_forget(const llama_context * ctx) {
    guarded(false, [&] { forget(ctx); return true; });
}

size_t llama_state_size_max(const llama_context * ctx) {
    return guarded((size_t) 0, [&]() -> size_t {
        const auto known = no_null(ctx, ctx) ? find_calibration(ctx) : nullptr;
        return known ? layout_size_max(known->layout, known->limits) : 0;
    });
}

size_t llama_state_seq_size_max(const llama_context * ctx) {
    return llama_state_seq_size_max_cells(ctx, all_cells);
}

size_t llama_state_seq_size_max_cells(const llama_context * ctx, size_t n_cells) {
    return guarded((size_t) 0, [&]() -> size_t {
        const auto known = no_null(ctx, ctx) ? find_calibration(ctx) : nullptr;
        return known ? seq_size_max(*known, n_cells) : 0;
    });
}

llama_state_mmap * llama_state_mmap_open(llama_context * ctx, const char * path) {
    return open_context(ctx, path, map_mode::read_only);
}

llama_state_mmap * llama_state_mmap_open_rw(llama_context * ctx, const char * path) {
    return open_context(ctx, path, map_mode::read_write);
}

llama_state_mmap * llama_state_mmap_open_cow(llama_context * ctx, const char * path) {
    return open_context(ctx, path, map_mode::copy_on_write);
}

llama_state_mmap * llama_state_seq_mmap_open(llama_context * ctx, const char * path, llama_seq_id seq_id) {
    return open_sequence(ctx, path, seq_id, map_mode::read_only, all_cells);
}

llama_state_mmap * llama_state_seq_mmap_open_rw(llama_context * ctx, const char * path, llama_seq_id seq_id) {
    return open_sequence(ctx, path, seq_id, map_mode::read_write, all_cells);
}

llama_state_mmap * llama_state_seq_mmap_open_cow(llama_context * ctx, const char * path, llama_seq_id seq_id) {
    return open_sequence(ctx, path, seq_id, map_mode::copy_on_write, all_cells);
}

llama_state_mmap * llama_state_seq_mmap_open_rw_cells(llama_context * ctx, const char * path, llama_seq_id seq_id, size_t n_cells) {
    return open_sequence(ctx, path, seq_id, map_mode::read_write, n_cells);
}

bool llama_state_mmap_load(llama_context * ctx, llama_state_mmap * map, llama_token * tokens_out, size_t n_token_capacity, size_t * n_token_count_out) {
    return load(ctx, map, state_kind::context, no_seq_id, { tokens_out, n_token_capacity, n_token_count_out });
}

size_t llama_state_mmap_save(llama_context * ctx, llama_state_mmap * map, const llama_token * tokens, size_t n_token_count) {
    return save(ctx, map, state_kind::context, no_seq_id, { tokens, n_token_count });
}

bool llama_state_seq_mmap_load(llama_context * ctx, llama_state_mmap * map, llama_seq_id dest_seq_id,
                               llama_token * tokens_out, size_t n_token_capacity, size_t * n_token_count_out) {
    return load(ctx, map, state_kind::sequence, dest_seq_id, { tokens_out, n_token_capacity, n_token_count_out });
}

size_t llama_state_seq_mmap_save(llama_context * ctx, llama_state_mmap * map, llama_seq_id seq_id, const llama_token * tokens, size_t n_token_count) {
    return save(ctx, map, state_kind::sequence, seq_id, { tokens, n_token_count });
}

size_t llama_state_seq_mmap_save_state(const llama_context * ctx, llama_state_mmap * map, const void * state, size_t size,
                                       const llama_token * tokens, size_t n_token_count) {
    return guarded((size_t) 0, [&]() -> size_t {
        if (!check_handle(ctx, map, state_kind::sequence) || !no_null(state, map) || (n_token_count > 0 && !no_null(tokens, map))) {
            return 0;
        }
        return session_save_state(ctx, *map, { (const uint8_t *) state, size }, { tokens, n_token_count });
    });
}

void llama_state_mmap_sync(llama_state_mmap * map) {
    guarded(false, [&] { return no_null(map, map) && session_sync(*map); });
}

void llama_state_mmap_free(llama_state_mmap * map) {
    guarded(false, [&] {
        const std::unique_ptr<llama_state_mmap> owned(map);
        return !owned || session_finish(*owned);
    });
}
