#include "session_content.h"

#include "byte_reader.h"
#include "counters.h"
#include "report.h"

#include <atomic>

namespace lsm {

namespace {

struct format {
    uint32_t magic;
    uint32_t version;
};

format format_of(state_kind kind) {
    return kind == state_kind::context ? format { LLAMA_SESSION_MAGIC, LLAMA_SESSION_VERSION }
                                       : format { LLAMA_STATE_SEQ_MAGIC, LLAMA_STATE_SEQ_VERSION };
}

void store_magic(uint8_t * data, uint32_t magic) {
    std::atomic_thread_fence(std::memory_order_seq_cst);
    *reinterpret_cast<volatile uint32_t *>(data) = magic;
    std::atomic_thread_fence(std::memory_order_seq_cst);
}

} // namespace

size_t payload_offset(size_t n_tokens) {
    return header_size + sizeof(llama_token) * n_tokens;
}

bool check_header(state_kind kind, const uint8_t * data, size_t size) {
    byte_reader in(data, size);
    const format want = format_of(kind);
    format got = {};
    if (size == 0 || (in.read(got.magic) && got.magic == 0)) {
        return fail(LLAMA_STATE_MMAP_ABSENT, "the file has no content: nothing was saved, or a save did not end");
    }
    if (in.offset() != 0 && got.magic != want.magic) {
        return fail(LLAMA_STATE_MMAP_BAD_MAGIC, "the file starts with %08x, a session file of this kind with %08x", got.magic, want.magic);
    }
    uint32_t n_tokens;
    if (!in.read(got.version) || !in.read(n_tokens)) {
        return fail(LLAMA_STATE_MMAP_BAD_SIZE, "the file has %zu bytes, less than its header", size);
    }
    if (got.version != want.version) {
        return fail(LLAMA_STATE_MMAP_BAD_VERSION, "the file has format version %u, this release of llama.cpp %u", got.version, want.version);
    }
    return true;
}

bool check_tokens(const context_limits & limits, const uint8_t * tokens, size_t n_tokens) {
    if (n_tokens > limits.n_ctx) {
        return fail(LLAMA_STATE_MMAP_BAD_TOKENS, "%zu tokens, this context has room for %u", n_tokens, limits.n_ctx);
    }
    byte_reader in(tokens, n_tokens * sizeof(llama_token));
    llama_token token;
    for (size_t i = 0; in.read(token); ++i) {
        if (token < 0 || token >= limits.n_vocab) {
            return fail(LLAMA_STATE_MMAP_BAD_TOKENS, "token %zu is %d, the vocabulary ends at %d", i, token, limits.n_vocab);
        }
    }
    return true;
}

bool check_content(const calibration & known, state_kind kind, const uint8_t * data, size_t size, session_content & out) {
    return check_header(kind, data, size) && check_body(known, kind, data, size, out);
}

bool check_body(const calibration & known, state_kind kind, const uint8_t * data, size_t size, session_content & out) {
    byte_reader in(data, size);
    uint32_t n_tokens = 0;
    if (!in.skip(header_size - sizeof(n_tokens)) || !in.read(n_tokens) || n_tokens > in.left() / sizeof(llama_token)) {
        return fail(LLAMA_STATE_MMAP_BAD_SIZE, "the file has %zu bytes, less than its %u tokens", size, n_tokens);
    }
    if (!check_tokens(known.limits, in.here(), n_tokens)) {
        return false;
    }
    in.skip(n_tokens * sizeof(llama_token));

    walked_state state;
    if (!walk_state(known.layout, known.limits, kind, in.here(), in.left(), state)) {
        return false;
    }
    out.size     = in.offset() + state.size;
    out.n_tokens = n_tokens;
    return true;
}

void write_header(state_kind kind, uint8_t * data, const llama_token * tokens, uint32_t n_tokens) {
    const uint32_t version = format_of(kind).version;
    memcpy(data + 4, &version,  sizeof(version));
    memcpy(data + 8, &n_tokens, sizeof(n_tokens));
    if (n_tokens > 0) {
        memcpy(data + header_size, tokens, sizeof(llama_token) * n_tokens);
    }
    count.bytes_copied += payload_offset(n_tokens);
}

void write_magic(state_kind kind, uint8_t * data) {
    store_magic(data, format_of(kind).magic);
}

void erase_magic(uint8_t * data) {
    store_magic(data, 0);
}

} // namespace lsm
