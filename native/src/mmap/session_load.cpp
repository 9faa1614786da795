#include "session.h"

#include "counters.h"
#include "report.h"
#include "state_walker.h"

#include <cstring>

namespace lsm {

namespace {

bool give_tokens(const llama_state_mmap & map, const session_content & content, token_buffer tokens) {
    if (tokens.n_out != nullptr) {
        *tokens.n_out = content.n_tokens;
    }
    if (tokens.out == nullptr) {
        return true;
    }
    if (content.n_tokens > tokens.capacity) {
        return fail(LLAMA_STATE_MMAP_NO_ROOM, "the session has %u tokens, the buffer room for %zu", content.n_tokens, tokens.capacity);
    }
    const size_t n_bytes = sizeof(llama_token) * content.n_tokens;
    memcpy(tokens.out, map.file->data() + header_size, n_bytes);
    count.bytes_copied += n_bytes;
    return true;
}

// Puts the prefix that llama.cpp wants in memory over the last 8 bytes before a payload, and takes it away again.
class prefix_patch {
public:
    prefix_patch(uint8_t * at, llama_seq_id seq_id) : at(at) {
        memcpy(kept, at, seq_prefix_size);
        memcpy(at,     &seq_prefix_magic, 4);
        memcpy(at + 4, &seq_id,           4);
        count.bytes_copied += seq_prefix_size;
    }
    ~prefix_patch() { memcpy(at, kept, seq_prefix_size); }

    prefix_patch(const prefix_patch &) = delete;
    prefix_patch & operator=(const prefix_patch &) = delete;

private:
    uint8_t * at;
    uint8_t kept[seq_prefix_size];
};

// The content where the prefix may be put before a payload. The patched page must be private, or a crash would leave it
// in the file. Null with a report.
class patchable {
public:
    patchable(const llama_state_mmap & map, const session_content & content) {
        if (!map.file->is_private()) {
            view = map.file->view_private(content.size);
        }
        at = view ? view->data() : map.file->is_private() ? map.file->data() : nullptr;
    }

    uint8_t * data() const { return at; }

private:
    std::unique_ptr<private_view> view;
    uint8_t * at;
};

// Hands llama.cpp the state of one sequence, whose own bytes begin at `payload`.
bool set_sequence(const llama_state_mmap_llama_api & llama, llama_context * ctx, const llama_state_mmap & map,
                  const session_content & content, size_t payload, llama_seq_id dest_seq_id) {
    const patchable bytes(map, content);
    if (bytes.data() == nullptr) {
        return false;
    }
    const size_t start = payload - seq_prefix_size;
    const size_t size  = content.size - start;
    const page_feeder feeder(bytes.data() + start, size);
    const prefix_patch patch(bytes.data() + start, dest_seq_id);
    return llama.llama_state_seq_set_data(ctx, bytes.data() + start, size, dest_seq_id) == size;
}

bool load_sequence(const llama_state_mmap_llama_api & llama, llama_context * ctx, const llama_state_mmap & map,
                   const session_content & content, llama_seq_id dest_seq_id) {
    // an empty sequence restores to an empty one
    llama.llama_memory_seq_rm(llama.llama_get_memory(ctx), dest_seq_id, -1, -1);
    return set_sequence(llama, ctx, map, content, payload_offset(content.n_tokens), dest_seq_id);
}

// llama_state_set_data() wipes all cells of the context before it fills the first ones, which takes far longer. A context
// with one sequence is the same as that sequence in an empty context: same cells, same order.
bool load_context(const llama_state_mmap_llama_api & llama, llama_context * ctx, const llama_state_mmap & map,
                  const calibration & known, const session_content & content) {
    const size_t start = payload_offset(content.n_tokens);
    const size_t size  = content.size - start;
    const llama_seq_id only = only_sequence(known.layout, map.file->data() + start, size);
    if (only >= 0) {
        llama.llama_memory_clear(llama.llama_get_memory(ctx), false);
        return set_sequence(llama, ctx, map, content, start + arch_size(known.layout), only);
    }
    const page_feeder feeder(map.file->data() + start, size);
    return llama.llama_state_set_data(ctx, map.file->data() + start, size) == size;
}

} // namespace

bool session_load(llama_context * ctx, llama_state_mmap & map, llama_seq_id dest_seq_id, token_buffer tokens) {
    const llama_state_mmap_llama_api * llama = api();
    const std::shared_ptr<const calibration> known = calibration_of(ctx);
    if (!llama || !known || (map.kind == state_kind::sequence && !check_seq_id(*known, dest_seq_id))) {
        return false;
    }
    // checked for this context and now, whatever was found when the file was opened
    session_content content;
    if (!check_content(*known, map.kind, map.file->data(), map.readable_size(), content)) {
        count.n_rejected++;
        return false;
    }
    if (!give_tokens(map, content, tokens)) {
        return false;
    }
    const bool done = map.kind == state_kind::context ? load_context(*llama, ctx, map, *known, content)
                                                   : load_sequence(*llama, ctx, map, content, dest_seq_id);
    if (!done) {
        return report_code() != LLAMA_STATE_MMAP_OK ? false
            : fail(LLAMA_STATE_MMAP_REFUSED, "llama.cpp did not take the session; the context has too few free cells");
    }
    count.n_loads++;
    count.bytes_loaded += content.size - payload_offset(content.n_tokens);
    return true;
}

} // namespace lsm
